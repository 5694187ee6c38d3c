package dev.henge.samples;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.enhanced.dynamodb.extensions.annotations.DynamoDbVersionAttribute;
import software.amazon.awssdk.enhanced.dynamodb.mapper.annotations.DynamoDbBean;
import software.amazon.awssdk.enhanced.dynamodb.mapper.annotations.DynamoDbPartitionKey;
import software.amazon.awssdk.enhanced.dynamodb.mapper.annotations.DynamoDbSecondaryPartitionKey;
import software.amazon.awssdk.enhanced.dynamodb.mapper.annotations.DynamoDbSecondarySortKey;
import software.amazon.awssdk.enhanced.dynamodb.mapper.annotations.DynamoDbSortKey;

/** An order of a customer, as the Enhanced client keeps it. */
@DynamoDbBean
public final class Order {

    private @Nullable String customer;
    private @Nullable Instant placed;
    private @Nullable String status;
    private @Nullable BigDecimal total;
    private @Nullable List<String> products;
    private @Nullable Set<String> tags;
    private @Nullable Integer parcels;
    private @Nullable Long version;

    @DynamoDbPartitionKey
    public @Nullable String getCustomer() {
        return customer;
    }

    public void setCustomer(@Nullable String customer) {
        this.customer = customer;
    }

    @DynamoDbSortKey
    @DynamoDbSecondarySortKey(indexNames = "by-status")
    public @Nullable Instant getPlaced() {
        return placed;
    }

    public void setPlaced(@Nullable Instant placed) {
        this.placed = placed;
    }

    @DynamoDbSecondaryPartitionKey(indexNames = "by-status")
    public @Nullable String getStatus() {
        return status;
    }

    public void setStatus(@Nullable String status) {
        this.status = status;
    }

    @DynamoDbSecondarySortKey(indexNames = "by-total")
    public @Nullable BigDecimal getTotal() {
        return total;
    }

    public void setTotal(@Nullable BigDecimal total) {
        this.total = total;
    }

    public @Nullable List<String> getProducts() {
        return products;
    }

    public void setProducts(@Nullable List<String> products) {
        this.products = products;
    }

    public @Nullable Set<String> getTags() {
        return tags;
    }

    public void setTags(@Nullable Set<String> tags) {
        this.tags = tags;
    }

    public @Nullable Integer getParcels() {
        return parcels;
    }

    public void setParcels(@Nullable Integer parcels) {
        this.parcels = parcels;
    }

    /** Counted up by each write, which fails when another has written in between. */
    @DynamoDbVersionAttribute
    public @Nullable Long getVersion() {
        return version;
    }

    public void setVersion(@Nullable Long version) {
        this.version = version;
    }
}
