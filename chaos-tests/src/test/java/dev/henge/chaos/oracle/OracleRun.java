package dev.henge.chaos.oracle;

import dev.henge.deploy.EmbeddedCluster;
import dev.henge.deploy.HostPort;

/** Starts both, runs, ends both. As a program, takes the seed and the number of requests, and prints the report. */
final class OracleRun {

    private OracleRun() {}

    /** Ends with 1 when a difference is not explained. */
    public static void main(String[] arguments) throws Exception {
        long seed = arguments.length > 0 ? Long.parseLong(arguments[0]) : 1;
        int requests = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 1_000;
        Tally tally = run(seed, requests, !Boolean.getBoolean("henge.oracle.withoutGlobalIndexes"));
        System.out.println(tally.report());
        System.exit(tally.unexplained() == 0 ? 0 : 1);
    }

    static Tally run(long seed, int requests, boolean globalIndexes) throws Exception {
        EmbeddedCluster.Options options =
                new EmbeddedCluster.Options("oracle", null, new HostPort("127.0.0.1", 0), 1, 0, 4, 32L << 20);
        try (DynamoDbLocal server = DynamoDbLocal.start();
                EmbeddedCluster cluster = EmbeddedCluster.start(options);
                Endpoint local = new Endpoint(server.port());
                Endpoint henge = new Endpoint(cluster.port())) {
            return new Differential(local, henge, seed, globalIndexes).run(requests);
        }
    }
}
