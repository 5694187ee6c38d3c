package dev.henge.bench.micro;

import dev.henge.item.AttributeValue;
import dev.henge.item.DynamoNumber;
import dev.henge.item.KeyEncoding;
import dev.henge.item.KeyType;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** The order-preserving encoding of a string key and a number key. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class KeyEncodingBenchmark {
    private final AttributeValue string = new AttributeValue.StringValue("customer#00000042");
    private final AttributeValue number = new AttributeValue.NumberValue(DynamoNumber.parse("1763683200.125"));
    private final byte[] stringEncoded = KeyEncoding.encode(string);
    private final byte[] numberEncoded = KeyEncoding.encode(number);

    @Benchmark
    public byte[] encodeString() {
        return KeyEncoding.encode(string);
    }

    @Benchmark
    public byte[] encodeNumber() {
        return KeyEncoding.encode(number);
    }

    @Benchmark
    public KeyEncoding.Decoded decodeString() {
        return KeyEncoding.decode(stringEncoded, 0, KeyType.STRING);
    }

    @Benchmark
    public KeyEncoding.Decoded decodeNumber() {
        return KeyEncoding.decode(numberEncoded, 0, KeyType.NUMBER);
    }
}
