// purpose: Tell some attributes of some items; what an item lacks is left out.
// mode: read
// params: ids: LIST<STRING>, names: LIST<STRING>
// columns: id: STRING, attributes: LIST<LIST>
// complexity: a look-up for each item
UNWIND $ids AS id
MATCH (item:Item {id: id})
RETURN item.id AS id,
       [name IN $names WHERE item[name] IS NOT NULL | [name, item[name]]] AS attributes
