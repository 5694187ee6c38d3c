/**
 * DynamoDB Local as a yardstick: a process of its own beside the endpoint measured. Test scope, never shipped. Its log
 * and data stay in a temporary directory; its telemetry is off.
 */
@NullMarked
package dev.henge.bench.local;

import org.jspecify.annotations.NullMarked;
