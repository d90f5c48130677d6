"""Files that people send: how they come in, where their bytes lie, how they go out, and that they are gone.

address   where the bytes shall lie            folder   the bytes in a folder
objects   the port: named bytes, whole or not  bucket   the bytes in an S3 bucket
kinds     what a file is, by its bytes         pictures decoded, and written anew
looking   from a picture to what is served     removing how files go, and what is left of them

Everything here blocks: it runs on threads of its own, never on the hub.
"""
