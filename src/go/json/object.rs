use std::collections::HashMap;
use std::fmt;

use super::value::{Str, Value};

/// How many members an object has before lookups go through an index.
const INDEX_FROM: usize = 24;

/// A JSON object: members in insertion order, found by key.
///
/// Equality ignores the order. Keys are unique unless the parser was told to keep duplicates
/// ([`super::ParseOptions::keep_duplicates`]); [`Object::get`] then finds the last one, as Go would.
#[derive(Clone, Default)]
pub struct Object {
    entries: Vec<(Str, Value)>,
    /// Key to the last position, kept only for large objects without removals since.
    #[expect(clippy::box_collection, reason = "most objects have none, and stay small that way")]
    index: Option<Box<HashMap<Str, usize>>>,
}

impl Object {
    /// An empty object.
    pub fn new() -> Object {
        Object::default()
    }

    /// An empty object with room for `capacity` members.
    pub fn with_capacity(capacity: usize) -> Object {
        Object { entries: Vec::with_capacity(capacity), index: None }
    }

    /// The number of members.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// True when there are no members.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    fn position(&self, key: &str) -> Option<usize> {
        match &self.index {
            Some(index) => index.get(key).copied(),
            None => self.entries.iter().rposition(|(k, _)| k == key),
        }
    }

    fn reindex(&mut self) {
        self.index = (self.entries.len() > INDEX_FROM)
            .then(|| Box::new(self.entries.iter().enumerate().map(|(i, (k, _))| (k.clone(), i)).collect()));
    }

    /// The member called `key`.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.position(key).map(|i| &self.entries[i].1)
    }

    /// The member called `key`, to change it in place.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Value> {
        self.position(key).map(|i| &mut self.entries[i].1)
    }

    /// True when there is a member called `key`, even if it is null.
    pub fn contains_key(&self, key: &str) -> bool {
        self.position(key).is_some()
    }

    /// Sets a member: in place when the key is there (the old value is given back), else at the end.
    pub fn insert(&mut self, key: impl Into<Str>, value: impl Into<Value>) -> Option<Value> {
        let (key, value) = (key.into(), value.into());
        if let Some(i) = self.position(&key) {
            return Some(std::mem::replace(&mut self.entries[i].1, value));
        }
        self.push(key, value);
        None
    }

    /// Appends a member without looking for the key. For builders that know it is new, and for duplicates.
    pub fn push(&mut self, key: impl Into<Str>, value: impl Into<Value>) {
        let key = key.into();
        if let Some(index) = &mut self.index {
            index.insert(key.clone(), self.entries.len());
        }
        self.entries.push((key, value.into()));
        if self.index.is_none() && self.entries.len() > INDEX_FROM {
            self.reindex();
        }
    }

    /// Inserts a member that is not there yet before the member at `position`.
    pub(crate) fn insert_at(&mut self, position: usize, key: impl Into<Str>, value: impl Into<Value>) {
        self.entries.insert(position, (key.into(), value.into()));
        if self.index.is_some() || self.entries.len() > INDEX_FROM {
            self.reindex();
        }
    }

    /// Takes a member out; the others keep their order.
    pub fn remove(&mut self, key: &str) -> Option<Value> {
        let i = self.position(key)?;
        let (_, value) = self.entries.remove(i);
        if self.index.is_some() {
            self.reindex();
        }
        Some(value)
    }

    /// The member called `key`, made null at the end when it was missing.
    pub fn entry(&mut self, key: &str) -> &mut Value {
        let i = match self.position(key) {
            Some(i) => i,
            None => {
                self.push(key, Value::Null);
                self.entries.len() - 1
            }
        };
        &mut self.entries[i].1
    }

    /// Keeps the members for which `keep` says so.
    pub fn retain(&mut self, mut keep: impl FnMut(&str, &mut Value) -> bool) {
        let before = self.entries.len();
        self.entries.retain_mut(|(k, v)| keep(k, v));
        if self.entries.len() != before && self.index.is_some() {
            self.reindex();
        }
    }

    /// Members in order.
    pub fn iter(&self) -> Iter<'_> {
        Iter(self.entries.iter())
    }

    /// Members in order, values changeable.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&Str, &mut Value)> {
        self.entries.iter_mut().map(|(k, v)| (&*k, v))
    }

    /// Keys in order.
    pub fn keys(&self) -> impl Iterator<Item = &Str> {
        self.entries.iter().map(|(k, _)| k)
    }

    /// Values in order.
    pub fn values(&self) -> impl Iterator<Item = &Value> {
        self.entries.iter().map(|(_, v)| v)
    }

    /// Members ordered by the bytes of their keys, as Go prints maps.
    pub fn sorted(&self) -> Vec<(&Str, &Value)> {
        let mut members: Vec<_> = self.entries.iter().map(|(k, v)| (k, v)).collect();
        members.sort_by(|a, b| a.0.as_bytes().cmp(b.0.as_bytes()));
        members
    }

    /// The members themselves, for those who rebuild the object from them with [`Object::from_members`].
    pub(crate) fn into_members(self) -> Vec<(Str, Value)> {
        self.entries
    }

    /// An object of these members, whose keys are unique.
    pub(crate) fn from_members(entries: Vec<(Str, Value)>) -> Object {
        let mut object = Object { entries, index: None };
        object.reindex();
        object
    }

    /// Orders the members themselves by key bytes.
    pub fn sort(&mut self) {
        self.entries.sort_by(|a, b| a.0.as_bytes().cmp(b.0.as_bytes()));
        if self.index.is_some() {
            self.reindex();
        }
    }
}

/// Members of an [`Object`] in order.
pub struct Iter<'a>(std::slice::Iter<'a, (Str, Value)>);

impl<'a> Iterator for Iter<'a> {
    type Item = (&'a Str, &'a Value);

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|(k, v)| (k, v))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl ExactSizeIterator for Iter<'_> {}

impl<'a> IntoIterator for &'a Object {
    type Item = (&'a Str, &'a Value);
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

impl IntoIterator for Object {
    type Item = (Str, Value);
    type IntoIter = std::vec::IntoIter<(Str, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.into_iter()
    }
}

impl<K: Into<Str>, V: Into<Value>> FromIterator<(K, V)> for Object {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(members: I) -> Object {
        let mut object = Object::new();
        for (k, v) in members {
            object.insert(k, v);
        }
        object
    }
}

impl PartialEq for Object {
    fn eq(&self, other: &Object) -> bool {
        self.len() == other.len() && self.iter().all(|(k, v)| other.get(k) == Some(v))
    }
}

impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_and_large_objects_behave_alike() {
        let mut object = Object::new();
        for i in 0..100i64 {
            object.insert(format!("k{i}"), i);
        }
        assert_eq!(object.insert("k7", 70i64), Some(Value::from(7i64)));
        assert_eq!(object.remove("k0"), Some(Value::from(0i64)));
        assert_eq!(object.get("k0"), None);
        assert_eq!(object.get("k99"), Some(&Value::from(99i64)));
        assert_eq!(object.keys().next().map(|k| k.as_str()), Some("k1"));
        object.retain(|k, _| k == "k7");
        assert_eq!(object, [("k7", 70i64)].into_iter().collect());
    }
}
