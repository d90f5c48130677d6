"""The HTTP edge: pages, signing in, history and sending without a socket, health.

    site         what the factory hands in; install() puts everything on a Flask app
    arrival      what a request is made into before anybody reads it
    pages        / and /chat/<room>
    build        which pages these are
    opening      what a room's page brings with it; own_address: where others find it
    words        what a page says before its scripts do
    page_files   what pages are made of: bundles, or the sources
    modules      which scripts a source imports
    static_files bundles, which browsers keep for ever
    compression  answers made small on the way
    session      /api/session: sign in, who am I, rename, sign out
    rooms        /api/rooms: lookups, sending, changes; rooms_api: what they stand on
    uploads      /api/uploads: files on their way into a room
    files        /files: what people have sent, and its thumbnails
    file_bodies  their bytes, on their way
    documents    /docs: the protocol, made from the code
    health       /healthz, /readyz, /metrics
    credentials  who asks: the token, as Bearer or as the page's cookie
    bodies       JSON in and out, room ids from paths
    security     headers on every answer; no state changes from other sites
    errors       every no and every failure, as JSON or as a page

A GET creates nothing and wakes no room.
"""

from chatapp.web.page_files import NotBundled, read_page_files
from chatapp.web.site import Site, install

__all__ = ["NotBundled", "Site", "install", "read_page_files"]
