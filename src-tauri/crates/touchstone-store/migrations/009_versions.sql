-- A row that takes the place of another is no UPDATE, and by default not even a DELETE that a trigger sees.
CREATE TRIGGER version_is_never_replaced BEFORE INSERT ON version
WHEN EXISTS (SELECT 1 FROM version WHERE key = NEW.key OR id = NEW.id
               OR (prompt_key = NEW.prompt_key AND number = NEW.number))
BEGIN
  SELECT RAISE(ABORT, 'a version never changes');
END;
