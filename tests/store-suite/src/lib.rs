//! Every promise of the ports, run over every store.
