//! Appending a batch: first every check, then every write.

use std::collections::HashMap;

use varde_core::ports::{AppendError, Appended, Change, NewStatement, StoredStatement};
use varde_xapi::StatementId;

use super::group::Group;
use crate::bodies::Packed;
use crate::error::{Fault, position_of};
use crate::origin::Source;
use crate::row;

/// A statement on its way in; its body is compressed already.
#[derive(Debug)]
pub(crate) struct Arriving {
    /// All but the body.
    pub(crate) new: NewStatement,
    pub(crate) body: Packed,
}

/// A batch that can be appended.
struct Checked<'a> {
    new: Vec<&'a Arriving>,
    /// The last position of those that stand already, 0 where none does.
    stands: i64,
}

impl Group<'_> {
    /// Appends a batch, or nothing of it.
    pub(super) fn append(
        &mut self,
        batch: &[Arriving],
        beside: &[Change],
    ) -> Result<Result<Appended, AppendError>, Fault> {
        let checked = match self.check(batch)? {
            Ok(checked) => checked,
            Err(refused) => return Ok(Err(refused)),
        };
        if let Some((collection, key)) = self.unexpected(beside)? {
            return Ok(Err(AppendError::Beside { collection, key }));
        }
        let mut last = checked.stands;
        for new in &checked.new {
            last = self.add(new)?;
        }
        if !beside.is_empty() {
            self.apply_all(beside)?;
        }
        Ok(Ok(Appended {
            new: checked.new.len(),
            last: position_of(last),
        }))
    }

    /// Checks that no id of the batch stands for something else, in the log or earlier in the
    /// batch; otherwise names the first that does.
    fn check<'b>(&self, batch: &'b [Arriving]) -> Result<Result<Checked<'b>, AppendError>, Fault> {
        let mut known: HashMap<(StatementId, bool), &NewStatement> = HashMap::new();
        let mut checked = Checked {
            new: Vec::with_capacity(batch.len()),
            stands: 0,
        };
        for (index, arriving) in batch.iter().enumerate() {
            let new = &arriving.new;
            let id = new.id;
            let key = (new.id, new.space.is_test());
            if let Some(earlier) = known.insert(key, new) {
                if (&earlier.space, earlier.equality) != (&new.space, new.equality) {
                    return Ok(Err(AppendError::Conflict { id, index }));
                }
                continue;
            }
            match self.database.find(new.id, new.space.is_test())? {
                None => checked.new.push(arriving),
                Some(position) => match self.database.row_of(key, position)?.statement() {
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
    fn add(&mut self, arriving: &Arriving) -> Result<i64, Fault> {
        let Arriving { new, body } = arriving;
        let (place, origin) = (self.next(), self.database.origin_of(Source::of(new))?);
        row::write_statement(self.connection(), place, new, body, &origin)?;
        let key = (new.id, new.space.is_test());
        let mut uncommitted = self.database.uncommitted.borrow_mut();
        uncommitted.insert(key, place.position);
        drop(uncommitted);
        self.added.post(place.position, &new.terms, &new.scope);
        self.connect(new, place, origin.number)?;
        Ok(place.position)
    }
}

fn is_equal(stored: &StoredStatement, new: &NewStatement) -> bool {
    stored.space == new.space && stored.equality == new.equality
}
