package dev.henge.bench.micro;

import dev.henge.item.AttributeValue;
import dev.henge.item.DynamoNumber;
import dev.henge.item.ItemCodec;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** The binary form of items of 1 KB: one with a single long string, one with 20 short attributes. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ItemCodecBenchmark {
    private final Map<String, AttributeValue> oneLongString = oneLongString();
    private final Map<String, AttributeValue> manyAttributes = manyAttributes();
    private final byte[] oneLongStringEncoded = ItemCodec.encode(oneLongString);
    private final byte[] manyAttributesEncoded = ItemCodec.encode(manyAttributes);

    @Benchmark
    public byte[] encodeOneLongString() {
        return ItemCodec.encode(oneLongString);
    }

    @Benchmark
    public byte[] encodeManyAttributes() {
        return ItemCodec.encode(manyAttributes);
    }

    @Benchmark
    public Map<String, AttributeValue> decodeOneLongString() {
        return ItemCodec.decode(oneLongStringEncoded);
    }

    @Benchmark
    public Map<String, AttributeValue> decodeManyAttributes() {
        return ItemCodec.decode(manyAttributesEncoded);
    }

    @Benchmark
    public @Nullable AttributeValue oneAttributeOfMany() {
        return ItemCodec.attribute(manyAttributesEncoded, "field-12");
    }

    private static Map<String, AttributeValue> oneLongString() {
        Map<String, AttributeValue> item = new LinkedHashMap<>();
        item.put("pk", new AttributeValue.StringValue("key-00000042"));
        item.put("visits", new AttributeValue.NumberValue(DynamoNumber.parse("42")));
        item.put("data", new AttributeValue.StringValue("x".repeat(998)));
        return item;
    }

    private static Map<String, AttributeValue> manyAttributes() {
        Map<String, AttributeValue> item = new LinkedHashMap<>();
        item.put("pk", new AttributeValue.StringValue("key-00000042"));
        for (int i = 0; i < 10; i++) {
            item.put("field-" + i, new AttributeValue.NumberValue(DynamoNumber.parse("31415926.5" + i)));
            item.put("field-1" + i, new AttributeValue.StringValue("y".repeat(80)));
        }
        return item;
    }
}
