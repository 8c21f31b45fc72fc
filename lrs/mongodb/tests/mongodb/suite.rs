use crate::server::fresh;

varde_store_suite::store_suite!(fresh);
// Some thousand questions each, over the network.
varde_store_suite::random_histories!(fresh, a part of one in 32);
