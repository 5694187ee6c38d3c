package dev.henge.bench;

import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.SplittableRandom;

/** What a run does, each on a random item; items have 1 KB, as DynamoDB counts an item's size. */
@SuppressWarnings("ImmutableEnumChecker") // The arrays are never written after construction.
enum Operation {
    /** PutItem of a whole item. */
    PUT("PutItem", "{") {
        @Override
        void writeBody(ByteBuffer out, Table table, int item, SplittableRandom random) {
            table.putItem(out, item, random);
            out.put(PUT_MIDDLE);
            Items.putData(out, random);
            out.put(PUT_END);
        }
    },

    /** GetItem with ConsistentRead. */
    GET("GetItem", "\"" + Items.DATA + "\"") {
        @Override
        void writeBody(ByteBuffer out, Table table, int item, SplittableRandom random) {
            table.putKey(out, item);
            out.put(GET_END);
        }
    },

    /** UpdateItem that adds 1 to a counter and sets a number, and returns both. */
    UPDATE("UpdateItem", "\"" + Items.COUNTER + "\"") {
        @Override
        void writeBody(ByteBuffer out, Table table, int item, SplittableRandom random) {
            table.putKey(out, item);
            out.put(UPDATE_MIDDLE);
            out.put(HttpText.ascii(Integer.toString(random.nextInt(1_000_000))));
            out.put(UPDATE_END);
        }
    };

    private static final byte[] PUT_MIDDLE =
            HttpText.ascii(",\"" + Items.COUNTER + "\":{\"N\":\"0\"},\"" + Items.DATA + "\":{\"S\":\"");
    private static final byte[] PUT_END = HttpText.ascii("\"}}}");
    private static final byte[] GET_END = HttpText.ascii("},\"ConsistentRead\":true}");
    private static final byte[] UPDATE_MIDDLE = HttpText.ascii("},\"UpdateExpression\":\"SET touched = :touched ADD "
            + Items.COUNTER + " :one\",\"ReturnValues\":\"UPDATED_NEW\","
            + "\"ExpressionAttributeValues\":{\":one\":{\"N\":\"1\"},\":touched\":{\"N\":\"");
    private static final byte[] UPDATE_END = HttpText.ascii("\"}}}");

    private final String apiName;
    private final byte[] target;
    private final byte[] answerHolds;

    Operation(String apiName, String answerHolds) {
        this.apiName = apiName;
        this.target = HttpText.ascii("DynamoDB_20120810." + apiName);
        this.answerHolds = HttpText.ascii(answerHolds);
    }

    /**
     * Writes a request's JSON.
     *
     * @param out where to
     * @param table what to write to or read from
     * @param item the item's number, counted from 0
     * @param random for what differs between requests
     */
    abstract void writeBody(ByteBuffer out, Table table, int item, SplittableRandom random);

    /** The name in the DynamoDB API. */
    String apiName() {
        return apiName;
    }

    /** The X-Amz-Target header's bytes. */
    byte[] target() {
        return target;
    }

    /** Whether the body of an answer with status 200 holds what a right one does. */
    boolean isRight(ByteBuffer body) {
        int start = body.arrayOffset() + body.position();
        return HttpText.contains(body.array(), start, start + body.remaining(), answerHolds);
    }

    /**
     * Finds an operation by the name that the command line takes.
     *
     * @throws IllegalArgumentException with a sentence for the user
     */
    static Operation of(String name) {
        for (Operation operation : values()) {
            if (operation.name().equalsIgnoreCase(name)) {
                return operation;
            }
        }
        throw new IllegalArgumentException("'" + name + "' is not one of put, get, update");
    }

    /** The name on the command line and in reports. */
    String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
