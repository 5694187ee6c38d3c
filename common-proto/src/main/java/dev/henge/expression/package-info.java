/**
 * DynamoDB's expression language: condition, filter, key condition, projection and update expressions. Pure: no clock,
 * no threads, no random, no I/O but the word list that is read once.
 *
 * <p>The router's side has two steps. {@link dev.henge.expression.ExpressionParser} turns text into an unresolved
 * expression, which depends on the text alone, is immutable and may be cached. Resolving it against the
 * {@link dev.henge.expression.Placeholders} of one request checks names, values and types and gives the messages of
 * {@code expression.proto}, which is what travels to a node. Every refusal is an
 * {@link dev.henge.expression.ExpressionException} whose message is the text of the service's ValidationException.
 *
 * <p>The node's side evaluates those messages on trees of attribute values:
 * {@link dev.henge.expression.ConditionEvaluator}, {@link dev.henge.expression.UpdateEvaluator} and
 * {@link dev.henge.expression.ProjectionEvaluator}.
 *
 * <p>Bounds: {@link dev.henge.expression.ExpressionParser} names them. They keep the depth of every recursion here in
 * the low hundreds and of the messages within what protobuf reads.
 *
 * <p>Texts and semantics follow DynamoDB Local's observable answers and the public documentation; where the service is
 * known to answer differently from DynamoDB Local (messages of key conditions, UPDATED_OLD and UPDATED_NEW of nested
 * paths), the service wins.
 */
@NullMarked
package dev.henge.expression;

import org.jspecify.annotations.NullMarked;
