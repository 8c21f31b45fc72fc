//! What the documents hold.
//!
//! Each collection's documents are told apart by `_id` alone, so that each stays valid when it is
//! sharded by a hashed `_id`:
//!
//! | collection | a document | `_id` |
//! |---|---|---|
//! | `head` | the one mark of how far the store has come | `"head"` |
//! | `log` | a statement, or what is left of one | its UUID; of a test space, the same bytes as binary of subtype 128 |
//! | | an event of another kind | its position |
//! | `records` | a record | `collection:key` |
//! | `attachments` | the name of bytes, and where they are | `space/digest` |
//! | `chunks` | a run of bytes | the id of the content, and a number |

pub(crate) mod head;
pub(crate) mod id;
pub(crate) mod record;
pub(crate) mod row;
