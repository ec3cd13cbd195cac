// purpose: Change the password of the user who is logged in; runs on the system database.
// mode: schema
// params: old: STRING, new: STRING
// columns: none
ALTER CURRENT USER SET PASSWORD FROM $old TO $new
