package dev.henge.chaos.simulation;

import com.google.protobuf.ByteString;
import dev.henge.chaos.checker.Call;
import dev.henge.chaos.checker.Outcome;
import dev.henge.chaos.checker.Value;
import dev.henge.item.AttributeValue;
import dev.henge.item.DynamoNumber;
import dev.henge.item.ItemCodec;
import dev.henge.item.ItemKeys;
import dev.henge.item.KeyEncoding;
import dev.henge.membership.Tokens;
import dev.henge.proto.Condition;
import dev.henge.proto.DocumentPath;
import dev.henge.proto.IndexRecord;
import dev.henge.proto.ItemRead;
import dev.henge.proto.ItemWritten;
import dev.henge.proto.KeyAttribute;
import dev.henge.proto.Operand;
import dev.henge.proto.PathElement;
import dev.henge.proto.RangeRead;
import dev.henge.proto.ReadItem;
import dev.henge.proto.ReadRange;
import dev.henge.proto.SetValue;
import dev.henge.proto.TableRecord;
import dev.henge.proto.Update;
import dev.henge.proto.UpdateAction;
import dev.henge.proto.WriteItem;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.IntStream;

/** Translates between the checkers' words and the data plane's: an item is its key {@code k} and its value {@code v}. */
final class Requests {

    /** The table that is always there. */
    static final long TABLE = 1;

    private static final String KEY = "k";
    private static final String VALUE = "v";

    /** What indexes have as their key: some registers share one, and some have none. */
    private static final String GROUP = "g";

    private static final int GROUPS = 3;
    private static final DocumentPath KEY_PATH = path(KEY);
    private static final DocumentPath VALUE_PATH = path(VALUE);

    /**
     * A key as the clients name it, and as the nodes do.
     *
     * @param text what its key attribute holds
     * @param name names it in the history, among the keys of all tables
     */
    record Key(long table, String text, String name, long token, ByteString itemKey) {
        static Key of(long table, String text) {
            byte[] encoded = KeyEncoding.encode(new AttributeValue.StringValue(text));
            long token = Tokens.of(table, encoded);
            String name = table == TABLE ? text : text + "@" + table;
            return new Key(table, text, name, token, ByteString.copyFrom(ItemKeys.of(token, encoded)));
        }
    }

    private Requests() {}

    static ReadItem read(Key key, boolean consistent) {
        return ReadItem.newBuilder()
                .setTable(key.table())
                .setKey(key.itemKey())
                .setConsistent(consistent)
                .build();
    }

    /** A page of a range, or of what is left of it. */
    static ReadRange page(Workload.Wish.ReadRange wish, ByteString start, ByteString end) {
        return ReadRange.newBuilder()
                .setTable(wish.table())
                .setStart(start)
                .setEnd(end)
                .setBackwards(wish.backwards())
                .setLimit(wish.limit())
                .setConsistent(wish.consistent())
                .build();
    }

    /** Whether {@code start <= key < end}; an empty end is no bound. */
    static boolean isBetween(ByteString key, ByteString start, ByteString end) {
        Comparator<ByteString> order = ByteString.unsignedLexicographicalComparator();
        return order.compare(start, key) <= 0 && (end.isEmpty() || order.compare(key, end) < 0);
    }

    /**
     * @param tableEpoch of the table's record as the client's router knows it
     * @param tellMore whether to ask for what was there or is there now
     */
    static WriteItem write(Key key, long tableEpoch, Call call, ByteString requestId, boolean tellMore) {
        WriteItem.Return old = tellMore ? WriteItem.Return.RETURN_ALL_OLD : WriteItem.Return.RETURN_NONE;
        WriteItem.Return updated = tellMore ? WriteItem.Return.RETURN_UPDATED_NEW : WriteItem.Return.RETURN_NONE;
        WriteItem.Builder write =
                switch (call) {
                    case Call.Get get -> throw new IllegalArgumentException("a read writes nothing");
                    case Call.Put put -> write(key, requestId, old).setPut(item(key, put.value()));
                    case Call.Delete delete ->
                        write(key, requestId, old).setDelete(WriteItem.Delete.getDefaultInstance());
                    case Call.CompareAndSet swap ->
                        write(key, requestId, WriteItem.Return.RETURN_NONE)
                                .setPut(item(key, swap.value()))
                                .setCondition(holds(swap.expected()))
                                .setReturnItemOnConditionFailure(tellMore);
                    case Call.Add add ->
                        write(key, requestId, updated)
                                .setKeyAttributes(keyAttributes(key))
                                .setUpdate(addition(add.delta()));
                    case Call.Append append ->
                        write(key, requestId, updated)
                                .setKeyAttributes(keyAttributes(key))
                                .setUpdate(appending(append.element()));
                };
        return write.setTableEpoch(tableEpoch).build();
    }

    private static WriteItem.Builder write(Key key, ByteString requestId, WriteItem.Return wanted) {
        return WriteItem.newBuilder()
                .setRequestId(requestId)
                .setTable(key.table())
                .setKey(key.itemKey())
                .setReturn(wanted);
    }

    private static ByteString item(Key key, Value value) {
        Map<String, AttributeValue> attributes = new LinkedHashMap<>();
        attributes.put(KEY, new AttributeValue.StringValue(key.text()));
        attributes.put(VALUE, attribute(value));
        int group = Math.floorMod(value.hashCode(), GROUPS + 1);
        if (group < GROUPS) {
            attributes.put(GROUP, new AttributeValue.StringValue("group" + group));
        }
        return ItemCodec.encodeToByteString(attributes);
    }

    /** A table of these items, without indexes. */
    static TableRecord table(String name) {
        return TableRecord.newBuilder()
                .setName(name)
                .setBillingMode("PAY_PER_REQUEST")
                .setPartitionKey(attribute(KEY))
                .build();
    }

    /** The index of a table by the group of its items, within their partitions. */
    static IndexRecord localIndex() {
        return IndexRecord.newBuilder()
                .setName("local")
                .setKind(IndexRecord.Kind.LOCAL)
                .addPartitionKey(attribute(KEY))
                .addSortKey(attribute(GROUP))
                .setProjection(IndexRecord.Projection.ALL)
                .build();
    }

    /** The index of a table by the group of its items, wherever the groups belong. */
    static IndexRecord globalIndex(boolean all) {
        return IndexRecord.newBuilder()
                .setName("global")
                .setKind(IndexRecord.Kind.GLOBAL)
                .addPartitionKey(attribute(GROUP))
                .setProjection(all ? IndexRecord.Projection.ALL : IndexRecord.Projection.KEYS_ONLY)
                .build();
    }

    private static KeyAttribute attribute(String name) {
        return KeyAttribute.newBuilder().setName(name).setType("S").build();
    }

    private static ByteString keyAttributes(Key key) {
        return ItemCodec.encodeToByteString(Map.of(KEY, new AttributeValue.StringValue(key.text())));
    }

    private static Condition holds(Value expected) {
        if (expected.equals(Value.ABSENT)) {
            return Condition.newBuilder().setAttributeNotExists(KEY_PATH).build();
        }
        return Condition.newBuilder()
                .setComparison(Condition.Comparison.newBuilder()
                        .setComparator(Condition.Comparator.EQ)
                        .setLeft(Operand.newBuilder().setPath(VALUE_PATH))
                        .setRight(Operand.newBuilder().setLiteral(literal(expected))))
                .build();
    }

    private static Update addition(long delta) {
        return Update.newBuilder()
                .addActions(UpdateAction.newBuilder()
                        .setAdd(UpdateAction.WithLiteral.newBuilder()
                                .setPath(VALUE_PATH)
                                .setLiteral(literal(Value.number(delta)))))
                .build();
    }

    /** SET v = list_append(if_not_exists(v, []), [element]) */
    private static Update appending(String element) {
        SetValue held = SetValue.newBuilder()
                .setIfNotExists(SetValue.IfNotExists.newBuilder()
                        .setPath(VALUE_PATH)
                        .setFallback(SetValue.newBuilder().setLiteral(literal(Value.elements()))))
                .build();
        SetValue added = SetValue.newBuilder()
                .setLiteral(literal(Value.elements(element)))
                .build();
        SetValue both = SetValue.newBuilder()
                .setListAppend(SetValue.Pair.newBuilder().setLeft(held).setRight(added))
                .build();
        return Update.newBuilder()
                .addActions(UpdateAction.newBuilder()
                        .setSet(UpdateAction.Set.newBuilder()
                                .setPath(VALUE_PATH)
                                .setValue(both)))
                .build();
    }

    private static DocumentPath path(String attribute) {
        return DocumentPath.newBuilder()
                .addElements(PathElement.newBuilder().setAttribute(attribute))
                .build();
    }

    private static ByteString literal(Value value) {
        return ItemCodec.encodeValueToByteString(attribute(value));
    }

    private static AttributeValue attribute(Value value) {
        return switch (value) {
            case Value.Absent absent -> throw new IllegalArgumentException("nothing can't be written");
            case Value.Text text -> new AttributeValue.StringValue(text.text());
            case Value.Counter number -> new AttributeValue.NumberValue(DynamoNumber.of(number.number()));
            case Value.Elements list ->
                new AttributeValue.ListValue(list.elements().stream()
                        .<AttributeValue>map(AttributeValue.StringValue::new)
                        .toList());
        };
    }

    private static Value value(AttributeValue attribute) {
        return switch (attribute) {
            case AttributeValue.StringValue text -> Value.text(text.value());
            case AttributeValue.NumberValue number ->
                Value.number(number.value().value().longValueExact());
            case AttributeValue.ListValue list ->
                new Value.Elements(list.elements().stream()
                        .map(element -> ((AttributeValue.StringValue) element).value())
                        .toList());
            case AttributeValue.BinaryValue other -> throw unexpected(other);
            case AttributeValue.BooleanValue other -> throw unexpected(other);
            case AttributeValue.NullValue other -> throw unexpected(other);
            case AttributeValue.MapValue other -> throw unexpected(other);
            case AttributeValue.StringSet other -> throw unexpected(other);
            case AttributeValue.NumberSet other -> throw unexpected(other);
            case AttributeValue.BinarySet other -> throw unexpected(other);
        };
    }

    private static SimulationFailure unexpected(AttributeValue value) {
        return new SimulationFailure("nobody wrote " + value);
    }

    private static Value valueOf(ByteString item) {
        AttributeValue held = ItemCodec.attribute(item, VALUE);
        if (held == null) {
            throw new SimulationFailure("an item without a value: " + ItemCodec.decode(item));
        }
        return value(held);
    }

    static Outcome.Holds outcome(ItemRead read) {
        return new Outcome.Holds(read.getFound() ? valueOf(read.getItem()) : Value.ABSENT);
    }

    static Outcome outcome(Call call, boolean toldMore, ItemWritten written) {
        boolean existed = written.getOldSizeBytes() > 0;
        return switch (call) {
            case Call.Get get -> throw new SimulationFailure("a read was answered as a write");
            case Call.Put put -> toldMore ? replaced(written) : existed ? Outcome.DONE : replaced(written);
            case Call.Delete delete -> toldMore ? replaced(written) : existed ? Outcome.DONE : replaced(written);
            case Call.CompareAndSet swap -> {
                if (existed == swap.expected().equals(Value.ABSENT)) {
                    throw new SimulationFailure(
                            swap + " was done on an item of " + written.getOldSizeBytes() + " bytes");
                }
                yield Outcome.DONE;
            }
            case Call.Add add -> toldMore ? new Outcome.Holds(valueOf(written.getAttributes())) : Outcome.DONE;
            case Call.Append append -> toldMore ? new Outcome.Holds(valueOf(written.getAttributes())) : Outcome.DONE;
        };
    }

    private static Outcome replaced(ItemWritten written) {
        boolean existed = written.getOldSizeBytes() > 0;
        if (existed != written.getHasAttributes()) {
            throw new SimulationFailure("an old item of " + written.getOldSizeBytes() + " bytes was "
                    + (existed ? "not " : "") + "given back");
        }
        return new Outcome.Replaced(existed ? valueOf(written.getAttributes()) : Value.ABSENT);
    }

    static Outcome conditionFailed(boolean toldMore, Optional<byte[]> item) {
        if (!toldMore) {
            return Outcome.REFUSED;
        }
        return new Outcome.ConditionFailedOn(
                item.map(bytes -> valueOf(ByteString.copyFrom(bytes))).orElse(Value.ABSENT));
    }

    /** The items of a page by the text of their keys, in the order they were shown. */
    static SequencedMap<String, Value> items(RangeRead page) {
        SequencedMap<String, Value> items = new LinkedHashMap<>();
        for (ByteString item : page.getItemsList()) {
            if (!(ItemCodec.attribute(item, KEY) instanceof AttributeValue.StringValue key)) {
                throw new SimulationFailure("an item without a key: " + ItemCodec.decode(item));
            }
            if (items.put(key.value(), valueOf(item)) != null) {
                throw new SimulationFailure("a page shows " + key.value() + " twice");
            }
        }
        return items;
    }

    /** Keys of this prefix, numbered. */
    static List<Key> keys(long table, String prefix, int count) {
        return IntStream.range(0, count)
                .mapToObj(number -> Key.of(table, prefix + number))
                .toList();
    }
}
