//! Appending a batch: first every check, then every write.

use std::collections::HashMap;
use std::sync::Arc;

use varde_core::ports::{AppendError, Appended, NewStatement, StoredStatement};
use varde_xapi::StatementId;

use super::group::Group;
use crate::error::{Fault, position_of};
use crate::origin::Origin;
use crate::row::{self, Place};
use crate::schema::how;

/// A batch that can be appended.
struct Checked<'a> {
    new: Vec<&'a NewStatement>,
    /// The last position of those that stand already, 0 where none does.
    stands: i64,
}

impl Group<'_> {
    /// Appends a batch, or nothing of it.
    pub(super) fn append(
        &mut self,
        batch: &[NewStatement],
    ) -> Result<Result<Appended, AppendError>, Fault> {
        let checked = match self.check(batch)? {
            Ok(checked) => checked,
            Err(refused) => return Ok(Err(refused)),
        };
        let mut last = checked.stands;
        for new in &checked.new {
            last = self.add(new)?;
        }
        Ok(Ok(Appended {
            new: checked.new.len(),
            last: position_of(last),
        }))
    }

    /// Checks that no id of the batch stands for something else, in the log or earlier in the
    /// batch; otherwise names the first that does.
    fn check<'b>(
        &self,
        batch: &'b [NewStatement],
    ) -> Result<Result<Checked<'b>, AppendError>, Fault> {
        let mut known: HashMap<(StatementId, bool), &NewStatement> = HashMap::new();
        let mut checked = Checked {
            new: Vec::with_capacity(batch.len()),
            stands: 0,
        };
        for (index, new) in batch.iter().enumerate() {
            let id = new.id;
            if let Some(earlier) = known.insert((new.id, new.space.is_test()), new) {
                if (&earlier.space, earlier.equality) != (&new.space, new.equality) {
                    return Ok(Err(AppendError::Conflict { id, index }));
                }
                continue;
            }
            match self.database.find(new.id, new.space.is_test())? {
                None => checked.new.push(new),
                Some(position) => match self.database.row(position)?.statement() {
                    None => return Ok(Err(AppendError::Erased { id, index })),
                    Some(stored) if is_equal(stored, new) => {
                        checked.stands = checked.stands.max(position);
                    }
                    Some(_) => return Ok(Err(AppendError::Conflict { id, index })),
                },
            }
        }
        Ok(Ok(checked))
    }

    /// Writes a new statement with all that follows from it, and returns its position.
    fn add(&mut self, new: &NewStatement) -> Result<i64, Fault> {
        let Place { position, stored } = self.next();
        let origin = Arc::new(Origin::of(new));
        let number = self.database.origin_number(&origin)?;
        let place = Place { position, stored };
        row::write_statement(self.connection(), place, new, (number, &origin))?;
        let mut insert = self
            .connection()
            .prepare_cached("INSERT INTO statement VALUES (?1, ?2, ?3)")?;
        insert.execute((new.id.0.as_bytes(), new.space.is_test(), position))?;
        self.post(&new.terms, position, how::OWN);
        self.post(&new.scope, position, how::SCOPE);
        self.connect(new, position, number)?;
        Ok(position)
    }
}

fn is_equal(stored: &StoredStatement, new: &NewStatement) -> bool {
    stored.space == new.space && stored.equality == new.equality
}
