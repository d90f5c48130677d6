"""For tests that need a real nginx; no wheel brings it."""

from __future__ import annotations

import pytest

from cluster.nginx import NGINX

needs_nginx = pytest.mark.skipif(NGINX is None, reason="there is no nginx on this machine")

# Around what stands in a document, which is a part of somebody's configuration.
WHOLE = """
pid nginx.pid;
error_log stderr crit;
events {{}}
http {{
    access_log off;
    client_body_temp_path temp-body;
    proxy_temp_path temp-proxy;
    fastcgi_temp_path temp-fastcgi;
    scgi_temp_path temp-scgi;
    uwsgi_temp_path temp-uwsgi;
    {part}
}}
"""
