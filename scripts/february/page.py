ALL="all six"
def self_test(): pass
def write(r):
    import pprint; return pprint.pformat({k:r[k] for k in ("last","books","laws","left")},width=160)+"\n"+pprint.pformat(r["days"],width=160)
