package dev.henge.chaos.oracle;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Follows a Query or Scan to its end, each endpoint by its own LastEvaluatedKey, and makes one answer of its pages. */
final class Pages {

    private static final int PAGES_MAX = 2_000;

    private Pages() {}

    /** All pages behind this first one; of all segments where the request is of one. */
    static Answer complete(Endpoint endpoint, Request request, Answer first) {
        Map<String, Object> parameters = Json.asObject(Json.parse(request.body()));
        if (!(parameters.get("TotalSegments") instanceof BigDecimal segments)) {
            return merge(pages(endpoint, request.operation(), parameters, first));
        }
        List<Answer> pages = new ArrayList<>();
        for (int segment = 0; segment < segments.intValue(); segment++) {
            Map<String, Object> ofSegment = new LinkedHashMap<>(parameters);
            ofSegment.put("Segment", Json.number(segment));
            Answer answer = endpoint.call(Request.of(request.operation(), ofSegment));
            pages.addAll(pages(endpoint, request.operation(), ofSegment, answer));
        }
        return merge(pages);
    }

    private static List<Answer> pages(
            Endpoint endpoint, String operation, Map<String, Object> parameters, Answer first) {
        List<Answer> pages = new ArrayList<>();
        pages.add(first);
        Object lastKey = first.body().get("LastEvaluatedKey");
        Map<String, Object> next = new LinkedHashMap<>(parameters);
        while (lastKey != null) {
            if (pages.size() > PAGES_MAX) {
                throw new IllegalStateException("no end of pages: " + parameters);
            }
            next.put("ExclusiveStartKey", lastKey);
            Answer page = endpoint.call(Request.of(operation, next));
            pages.add(page);
            lastKey = page.body().get("LastEvaluatedKey");
        }
        return pages;
    }

    private static Answer merge(List<Answer> pages) {
        Map<String, Object> merged = new LinkedHashMap<>();
        List<Object> items = new ArrayList<>();
        long count = 0;
        long scanned = 0;
        boolean hasItems = false;
        for (Answer page : pages) {
            if (!page.succeeded()) {
                return page;
            }
            if (page.body().get("Items") instanceof List<?> list) {
                hasItems = true;
                items.addAll(list);
            }
            count += page.body().get("Count") instanceof BigDecimal number ? number.longValue() : 0;
            scanned += page.body().get("ScannedCount") instanceof BigDecimal number ? number.longValue() : 0;
        }
        merged.put("Count", Json.number(count));
        merged.put("ScannedCount", Json.number(scanned));
        if (hasItems) {
            merged.put("Items", items);
        }
        return new Answer(200, merged);
    }
}
