package dev.henge.router.api;

import com.google.protobuf.ByteString;
import dev.henge.cluster.ClusterClient;
import dev.henge.expression.KeyCondition;
import dev.henge.expression.KeyConditions;
import dev.henge.expression.SortCondition;
import dev.henge.item.AttributeValue;
import dev.henge.item.ItemKeys;
import dev.henge.item.KeyEncoding;
import dev.henge.item.KeyPart;
import dev.henge.proto.Condition;
import dev.henge.proto.RangeRead;
import dev.henge.proto.ReadRange;
import java.io.ByteArrayOutputStream;
import java.util.List;
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
                select,
                parameters.limit == null ? 0 : parameters.limit,
                filter == null ? legacyFilter : filter,
                parsed.projection());
        parsed.checkAllUsed();
        if (legacyKey) {
            parameters.legacy.checkKeyConditions();
        }

        TableSchema table = tables.forItems(parameters.requiredTableName(), call.deadline());
        if (keyCondition != null) {
            table.checkKeysAreScalars(keyCondition);
        }
        request.checkKeysAreScalars(table);
        ReadTarget target = ReadTarget.of(table, parameters.indexName);
        target.check(request, select);
        ItemKey startKey =
                parameters.exclusiveStartKey == null ? null : StartKeys.ofQuery(target, parameters.exclusiveStartKey);
        KeyCondition wanted =
                keyCondition == null ? parameters.legacy.keyCondition(target) : resolve(keyCondition, target);
        checkSizes(wanted, target);
        byte[] partitionKey = encoded(wanted.partition());
        long token = target.token(partitionKey);
        ByteString collection = ItemKey.wrap(ItemKeys.of(token, partitionKey, encoded(wanted.sortPrefix())));
        SortRange range = SortRange.of(collection, wanted.sort());
        if (startKey != null) {
            checkWithin(startKey.bytes(), collection, range);
            range = range.behind(startKey.bytes(), !parameters.scanIndexForward);
        }
        checkFilter(request.filter(), legacyFilter == null ? "Filter Expression" : "QueryFilter", target);

        Page page = new Page(request.limit());
        fill(page, request, target, token, range, !parameters.scanIndexForward, call);
        page.write(reply, target, request);
    }

    private static byte[] encoded(List<AttributeValue> values) {
        ByteArrayOutputStream encoded = new ByteArrayOutputStream();
        values.forEach(value -> KeyEncoding.encodeTo(value, encoded));
        return encoded.toByteArray();
    }

    private static KeyCondition resolve(Condition condition, ReadTarget target) {
        return Expressions.refusing(() -> KeyConditions.resolve(condition, target.partitionKey(), target.sortKey()));
    }

    private static void checkSizes(KeyCondition wanted, ReadTarget target) {
        List<KeyPart> sortKey = target.sortKey();
        for (int i = 0; i < wanted.sortPrefix().size(); i++) {
            ItemKey.checkSortKey(sortKey.get(i).name(), wanted.sortPrefix().get(i));
        }
        SortCondition sort = wanted.sort();
        if (sort != null) {
            String name = sortKey.get(wanted.sortPrefix().size()).name();
            for (AttributeValue value : SortRange.values(sort)) {
                ItemKey.checkSortKey(name, value);
            }
        }
        for (int i = 0; i < wanted.partition().size(); i++) {
            ItemKey.checkPartitionKey(
                    target.partitionKey().get(i).name(), wanted.partition().get(i));
        }
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

    private static void checkFilter(@Nullable Condition filter, String parameter, ReadTarget target) {
        if (filter == null) {
            return;
        }
        Set<String> read = Paths.read(filter);
        checkNotRead(target.partitionKey(), read, parameter);
        checkNotRead(target.sortKey(), read, parameter);
        target.checkFilterOfQuery(filter);
    }

    private static void checkNotRead(List<KeyPart> key, Set<String> read, String parameter) {
        for (KeyPart part : key) {
            if (read.contains(part.name())) {
                throw ApiException.validation(parameter + " can only contain non-primary key attributes: "
                        + "Primary key attribute: " + part.name());
            }
        }
    }

    private void fill(
            Page page,
            PageRequest request,
            ReadTarget target,
            long token,
            SortRange wholeRange,
            boolean backwards,
            Call call) {
        SortRange range = wholeRange;
        while (!range.isEmpty()) {
            ReadRange read = request.read(target, range.start(), range.end(), page)
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
