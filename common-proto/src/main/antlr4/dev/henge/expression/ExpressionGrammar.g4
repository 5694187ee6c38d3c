// The expression language of DynamoDB. Every decision is LL(1), so that parsing takes linear time and no prediction.
// To keep it so, two things are left to the builders: telling a parenthesised operand from a parenthesised condition,
// and refusing arguments after anything but a plain name.
grammar ExpressionGrammar;

conditionExpression : disjunction EOF ;

projectionExpression : path (COMMA path)* EOF ;

updateExpression : section+ EOF ;

disjunction : conjunction (OR conjunction)* ;

conjunction : negation (AND negation)* ;

negation : NOT* predicate ;

predicate : operand suffix? ;

suffix
  : comparator=(EQUAL | NOT_EQUAL | LESS | LESS_OR_EQUAL | GREATER | GREATER_OR_EQUAL) right=operand
  | BETWEEN low=operand AND high=operand
  | IN LEFT_PARENTHESIS candidates+=operand (COMMA candidates+=operand)* RIGHT_PARENTHESIS
  ;

operand
  : path arguments?
  | VALUE_PLACEHOLDER
  | LEFT_PARENTHESIS disjunction RIGHT_PARENTHESIS
  ;

arguments : LEFT_PARENTHESIS operand (COMMA operand)* RIGHT_PARENTHESIS ;

section
  : SET assignment (COMMA assignment)*
  | REMOVE path (COMMA path)*
  | ADD valueChange (COMMA valueChange)*
  | DELETE valueChange (COMMA valueChange)*
  ;

assignment : path EQUAL sum ;

valueChange : path VALUE_PLACEHOLDER ;

sum : term (operator=(PLUS | MINUS) term)? ;

term
  : path termArguments?
  | VALUE_PLACEHOLDER
  | LEFT_PARENTHESIS sum RIGHT_PARENTHESIS
  ;

termArguments : LEFT_PARENTHESIS term (COMMA term)* RIGHT_PARENTHESIS ;

path : name step* ;

step
  : DOT name
  | LEFT_BRACKET INDEX RIGHT_BRACKET
  ;

name
  : NAME
  | NAME_PLACEHOLDER
  ;

AND options { caseInsensitive = true; } : 'AND' ;
OR options { caseInsensitive = true; } : 'OR' ;
NOT options { caseInsensitive = true; } : 'NOT' ;
BETWEEN options { caseInsensitive = true; } : 'BETWEEN' ;
IN options { caseInsensitive = true; } : 'IN' ;
SET options { caseInsensitive = true; } : 'SET' ;
REMOVE options { caseInsensitive = true; } : 'REMOVE' ;
ADD options { caseInsensitive = true; } : 'ADD' ;
DELETE options { caseInsensitive = true; } : 'DELETE' ;

EQUAL : '=' ;
NOT_EQUAL : '<>' ;
LESS_OR_EQUAL : '<=' ;
LESS : '<' ;
GREATER_OR_EQUAL : '>=' ;
GREATER : '>' ;
PLUS : '+' ;
MINUS : '-' ;
COMMA : ',' ;
DOT : '.' ;
LEFT_PARENTHESIS : '(' ;
RIGHT_PARENTHESIS : ')' ;
LEFT_BRACKET : '[' ;
RIGHT_BRACKET : ']' ;

NAME : [A-Za-z] [A-Za-z0-9_]* ;
NAME_PLACEHOLDER : '#' [A-Za-z0-9_]+ ;
VALUE_PLACEHOLDER : ':' [A-Za-z0-9_]+ ;
INDEX : '0' | [1-9] [0-9]* ;
WHITESPACE : [ \t\r\n]+ -> skip ;

// Last, so that the lexer never fails: the parser refuses it, with its place.
UNKNOWN : . ;
