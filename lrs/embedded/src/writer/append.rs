//! Appending a batch: first every check, then every write.

use std::collections::HashMap;
use std::sync::Arc;

use varde_core::ports::{AppendError, Appended, NewStatement};
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
            Err((id, index)) => return Ok(Err(AppendError::Conflict { id, index })),
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
    ) -> Result<Result<Checked<'b>, (StatementId, usize)>, Fault> {
        let mut known: HashMap<(StatementId, bool), &NewStatement> = HashMap::new();
        let mut checked = Checked {
            new: Vec::with_capacity(batch.len()),
            stands: 0,
        };
        for (index, new) in batch.iter().enumerate() {
            if let Some(earlier) = known.insert((new.id, new.space.is_test()), new) {
                if (&earlier.space, earlier.equality) != (&new.space, new.equality) {
                    return Ok(Err((new.id, index)));
                }
                continue;
            }
            match self.database.find(new.id, new.space.is_test())? {
                None => checked.new.push(new),
                Some(position) if self.is_equal(position, new)? => {
                    checked.stands = checked.stands.max(position);
                }
                Some(_) => return Ok(Err((new.id, index))),
            }
        }
        Ok(Ok(checked))
    }

    fn is_equal(&self, position: i64, new: &NewStatement) -> Result<bool, Fault> {
        let row = self.database.row(position)?;
        let equal = |stored: &varde_core::ports::StoredStatement| {
            stored.space == new.space && stored.equality == new.equality
        };
        Ok(row.statement().is_some_and(equal))
    }

    /// Writes a new statement with all that follows from it, and returns its position.
    fn add(&mut self, new: &NewStatement) -> Result<i64, Fault> {
        let Place { position, stored } = self.next();
        let origin = Arc::new(Origin::of(new));
        let number = self.database.origin_number(&origin)?;
        let place = Place { position, stored };
        row::insert_statement(self.connection(), place, new, (number, &origin))?;
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
