/** The router: a stateless process that turns DynamoDB's HTTP API into operations on partitions. */
@NullMarked
package dev.henge.router;

import org.jspecify.annotations.NullMarked;
