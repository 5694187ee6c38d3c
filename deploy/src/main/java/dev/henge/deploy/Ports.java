package dev.henge.deploy;

import dev.henge.node.StartupException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.DatagramSocket;
import java.net.ServerSocket;
import org.jspecify.annotations.Nullable;

/** Whether an address can be listened on, and how to say that it can't. */
final class Ports {

    private Ports() {}

    /**
     * Checks that it can.
     *
     * @param option what a person gives another address with
     * @throws StartupException when the address is taken or not this machine's; port 0 is always free
     */
    static void requireFree(HostPort address, String option) throws StartupException {
        try {
            open(address).close();
        } catch (IOException e) {
            throw listenFailure(address, option, e);
        }
    }

    static boolean isFree(HostPort address) {
        try {
            open(address).close();
            return true;
        } catch (IOException _) {
            return false;
        }
    }

    /** Whether an address can be listened on by UDP. */
    static boolean isFreeForDatagrams(HostPort address) {
        try (DatagramSocket _ = new DatagramSocket(address.toSocketAddress())) {
            return true;
        } catch (IOException _) {
            return false;
        }
    }

    static StartupException listenFailure(HostPort address, String option, IOException cause) {
        if (isBindFailure(cause)) {
            return new StartupException(
                    "can't listen on " + address + ": the port is in use or the address is not this machine's;"
                            + " stop what uses it or choose another with " + option,
                    cause);
        }
        return new StartupException("can't listen on " + address + ": " + cause.getMessage(), cause);
    }

    static void closeQuietly(ServerSocket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException("can't close a socket that listened on loopback", e);
        }
    }

    private static boolean isBindFailure(@Nullable Throwable cause) {
        for (Throwable link = cause; link != null; link = link.getCause()) {
            if (link instanceof BindException) {
                return true;
            }
        }
        return false;
    }

    private static ServerSocket open(HostPort address) throws IOException {
        ServerSocket socket = new ServerSocket();
        try {
            // As the servers do: a port whose last connections are still in TIME_WAIT counts as free.
            socket.setReuseAddress(true);
            socket.bind(address.toSocketAddress(), 1);
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }
}
