"""A Frappe site for development, built from the package registries alone.

`python3 -m dev.site make` builds it under `.bench/`; `dev.site.services` starts and stops its servers. Only
the standard library is used here, because this code runs before anything is installed. What must run inside
the site's own environment is in `dev/site/inside/`.
"""
