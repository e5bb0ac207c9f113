"""A stand-in for the webservice of QloApps 1.6.1, its bad habits included."""
