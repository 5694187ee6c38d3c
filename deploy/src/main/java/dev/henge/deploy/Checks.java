package dev.henge.deploy;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Checks and defaults that several commands share. */
final class Checks {

    static final String CLUSTER_NAME = "henge";
    static final String DATA_DIRECTORY = "henge-data";
    static final int NODE_COUNT = 3;
    static final int FIRST_NODE_PORT = 7001;
    private static final int PARTITIONS_MAX = 1024;

    private Checks() {}

    static void partitions(CommandSpec command, int partitions) {
        if (partitions < 1 || partitions > PARTITIONS_MAX) {
            throw new ParameterException(
                    command.commandLine(), "--partitions must be from 1 to " + PARTITIONS_MAX + ", not " + partitions);
        }
    }

    static HostPort address(CommandSpec command, String host, int port) {
        try {
            return new HostPort(host, port);
        } catch (IllegalArgumentException _) {
            throw new ParameterException(command.commandLine(), "--port must be from 0 to 65535, not " + port);
        }
    }

    /** The URL to give to a client on this machine. */
    static String endpointUrl(HostPort endpoint) {
        boolean local = endpoint.host().equals("127.0.0.1")
                || endpoint.host().equals("0.0.0.0")
                || endpoint.host().equals("::");
        return "http://" + (local ? new HostPort("localhost", endpoint.port()) : endpoint);
    }
}
