package dev.henge.router.api;

import com.google.protobuf.ByteString;
import dev.henge.cluster.ClusterClient;
import dev.henge.expression.KeyCondition;
import dev.henge.expression.KeyConditions;
import dev.henge.expression.SortCondition;
import dev.henge.item.AttributeValue;
import dev.henge.item.ItemKeys;
import dev.henge.item.KeyEncoding;
import dev.henge.item.KeyType;
import dev.henge.membership.Tokens;
import dev.henge.proto.Condition;
import dev.henge.proto.KeyAttribute;
import dev.henge.proto.RangeRead;
import dev.henge.proto.ReadRange;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Query: reads a range of one item collection, which lies in one partition. */
final class Query implements Operation {

    private static final Set<String> PARAMETERS = Set.of(
            "TableName",
            "IndexName",
            "Select",
            "AttributesToGet",
            "Limit",
            "ConsistentRead",
            "KeyConditions",
            "QueryFilter",
            "ConditionalOperator",
            "ScanIndexForward",
            "ExclusiveStartKey",
            "ReturnConsumedCapacity",
            "ProjectionExpression",
            "FilterExpression",
            "KeyConditionExpression",
            Parameters.ATTRIBUTE_NAMES,
            Parameters.ATTRIBUTE_VALUES);

    private final ClusterClient cluster;
    private final Tables tables;
    private final Expressions expressions;

    Query(ClusterClient cluster, Tables tables, Expressions expressions) {
        this.cluster = cluster;
        this.tables = tables;
        this.expressions = expressions;
    }

    @Override
    public void execute(JsonReader in, ReplyWriter reply, Call call) {
        Parameters parameters = Parameters.read(in, PARAMETERS);
        Constraints constraints = new Constraints();
        constraints.atLeast(parameters.limit, 1, "limit");
        Capacity.Wanted capacity = Capacity.wanted(constraints, parameters.returnConsumedCapacity);
        PageRequest.Select select = constraints.oneOfOrNull(parameters.select, PageRequest.Select.class, "select");
        constraints.requiredName(parameters.tableName, "tableName");
        constraints.name(parameters.indexName, "indexName");
        parameters.legacy.checkConstraints(constraints, "");
        constraints.check();
        parameters.checkExpressionParameters(PARAMETERS);
        Condition legacyFilter = parameters.legacy.filter();
        parameters.legacy.checkAttributesToGet();
        StartKeys.checkValues(parameters.exclusiveStartKey);
        PageRequest.checkSelect(select, parameters, "1 validation error detected: ");
        boolean legacyKey = parameters.expression("KeyConditionExpression") == null;
        if (legacyKey && !parameters.legacy.hasKeyConditions()) {
            throw ApiException.validation(
                    "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.");
        }
        RequestExpressions parsed = expressions.of(parameters);
        Condition keyCondition = parsed.keyCondition();
        Condition filter = parsed.filter();
        PageRequest request = new PageRequest(
                capacity,
                parameters.consistentRead,
                select == PageRequest.Select.COUNT,
                parameters.limit == null ? 0 : parameters.limit,
                filter == null ? legacyFilter : filter,
                parsed.projection());
        parsed.checkAllUsed();
        if (legacyKey) {
            parameters.legacy.checkKeyConditions();
        }

        TableSchema table = tables.forItems(parameters.requiredTableName(), call.deadline());
        PageRequest.refuseIndex(parameters.indexName);
        ItemKey startKey =
                parameters.exclusiveStartKey == null ? null : StartKeys.ofQuery(table, parameters.exclusiveStartKey);
        KeyCondition wanted =
                keyCondition == null ? parameters.legacy.keyCondition(table) : resolve(keyCondition, table);
        checkSizes(wanted, table);
        byte[] partitionKey = KeyEncoding.encode(wanted.partition());
        long token = Tokens.of(table.id(), partitionKey);
        ByteString collection = ItemKey.wrap(ItemKeys.of(token, partitionKey));
        SortRange range = SortRange.of(collection, wanted.sort());
        if (startKey != null) {
            checkWithin(startKey.bytes(), collection, range);
            range = range.behind(startKey.bytes(), !parameters.scanIndexForward);
        }
        checkFilter(request.filter(), legacyFilter == null ? "Filter Expression" : "QueryFilter", table);

        Page page = new Page(request.limit());
        fill(page, request, table, token, range, !parameters.scanIndexForward, call);
        page.write(reply, table, request);
    }

    private static KeyCondition resolve(Condition condition, TableSchema table) {
        KeyAttribute sortKey = table.sortKey();
        return Expressions.refusing(() -> KeyConditions.resolve(
                condition,
                table.partitionKey().getName(),
                KeyType.ofTypeCode(table.partitionKey().getType()),
                sortKey == null ? null : sortKey.getName(),
                sortKey == null ? null : KeyType.ofTypeCode(sortKey.getType())));
    }

    private static void checkSizes(KeyCondition wanted, TableSchema table) {
        KeyAttribute sortKey = table.sortKey();
        SortCondition sort = wanted.sort();
        if (sortKey != null && sort != null) {
            for (AttributeValue value : SortRange.values(sort)) {
                ItemKey.checkSortKey(sortKey, value);
            }
        }
        ItemKey.checkPartitionKey(table.partitionKey(), wanted.partition());
    }

    private static void checkWithin(ByteString startKey, ByteString collection, SortRange range) {
        if (!startKey.startsWith(collection)) {
            throw ApiException.validation(
                    "The provided starting key is outside query boundaries based on provided conditions");
        }
        if (!range.contains(startKey)) {
            throw ApiException.validation("The provided starting key does not match the range key predicate");
        }
    }

    private static void checkFilter(@Nullable Condition filter, String parameter, TableSchema table) {
        if (filter == null) {
            return;
        }
        Set<String> read = Paths.read(filter);
        checkNotRead(table.partitionKey(), read, parameter);
        checkNotRead(table.sortKey(), read, parameter);
    }

    private static void checkNotRead(@Nullable KeyAttribute key, Set<String> read, String parameter) {
        if (key != null && read.contains(key.getName())) {
            throw ApiException.validation(parameter + " can only contain non-primary key attributes: "
                    + "Primary key attribute: " + key.getName());
        }
    }

    private void fill(
            Page page,
            PageRequest request,
            TableSchema table,
            long token,
            SortRange wholeRange,
            boolean backwards,
            Call call) {
        SortRange range = wholeRange;
        while (!range.isEmpty()) {
            ReadRange read = request.read(table, range.start(), range.end(), page)
                    .setBackwards(backwards)
                    .build();
            RangeRead answer = ClusterErrors.await(cluster.readRange(token, read, call.deadline()));
            page.add(answer);
            ByteString lastKey = answer.getLastKey();
            if (lastKey.isEmpty()) {
                return;
            }
            if (page.isFull()) {
                page.endAt(lastKey);
                return;
            }
            // The partition has a bound of its own on what it reads at once.
            range = range.behind(lastKey, backwards);
        }
    }
}
