package dev.henge.router.api;

import dev.henge.cluster.ClusterClient;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * All operations of the service models of DynamoDB and DynamoDB Streams, 2012-08-10, by the value of X-Amz-Target.
 * Those that are not built answer with a modelled error.
 */
final class ServiceModel {

    static final String TABLES_PREFIX = "DynamoDB_20120810.";
    static final String STREAMS_PREFIX = "DynamoDBStreams_20120810.";

    private static final List<String> NOT_BUILT = List.of(
            "BatchExecuteStatement",
            "CreateBackup",
            "CreateGlobalTable",
            "DeleteResourcePolicy",
            "DisableKinesisStreamingDestination",
            "EnableKinesisStreamingDestination",
            "ExecuteStatement",
            "ExecuteTransaction",
            "ExportTableToPointInTime",
            "ImportTable",
            "PutResourcePolicy",
            "RestoreTableFromBackup",
            "RestoreTableToPointInTime",
            "SearchVectors",
            "TransactGetItems",
            "TransactWriteItems",
            "UpdateContinuousBackups",
            "UpdateContributorInsights",
            "UpdateGlobalTable",
            "UpdateGlobalTableSettings",
            "UpdateKinesisStreamingDestination",
            "UpdateTableReplicaAutoScaling",
            "UpdateTimeToLive");

    private ServiceModel() {}

    static Map<String, Operation> operations(
            ClusterClient cluster, String region, String accountId, RequestIds requestIds) {
        Tables tables = new Tables(cluster);
        Arns arns = new Arns(region, accountId);
        TableCommands commands = new TableCommands(cluster, requestIds);
        Map<String, Operation> operations = new HashMap<>();

        TableOperations tableOperations =
                new TableOperations(tables, commands, new TableSizes(cluster), new TableDescriptions(arns));
        operations.put("CreateTable", tableOperations::create);
        operations.put("UpdateTable", tableOperations::update);
        operations.put("DescribeTable", tableOperations::describe);
        operations.put("DeleteTable", tableOperations::delete);
        operations.put("ListTables", tableOperations::list);

        TagOperations tagOperations = new TagOperations(tables, commands);
        operations.put("TagResource", tagOperations::tag);
        operations.put("UntagResource", tagOperations::untag);
        operations.put("ListTagsOfResource", tagOperations::list);

        Expressions expressions = new Expressions();
        ItemOperations itemOperations = new ItemOperations(cluster, tables, expressions, requestIds);
        operations.put("GetItem", itemOperations::get);
        operations.put("PutItem", itemOperations::put);
        operations.put("UpdateItem", itemOperations::update);
        operations.put("DeleteItem", itemOperations::delete);
        operations.put("Query", new Query(cluster, tables, expressions));
        operations.put("Scan", new Scan(cluster, tables, expressions));
        operations.put("BatchGetItem", new BatchGetItem(cluster, tables, expressions));
        operations.put("BatchWriteItem", new BatchWriteItem(cluster, tables, requestIds));

        Absences absences = new Absences(tables);
        operations.put("DescribeTimeToLive", absences::describeTimeToLive);
        operations.put("DescribeContinuousBackups", absences::describeContinuousBackups);
        operations.put("DescribeContributorInsights", absences::describeContributorInsights);
        operations.put("DescribeKinesisStreamingDestination", absences::describeKinesisStreamingDestination);
        operations.put("DescribeTableReplicaAutoScaling", absences::describeTableReplicaAutoScaling);
        operations.put("GetResourcePolicy", absences::getResourcePolicy);
        operations.put("DescribeLimits", absences::describeLimits);
        operations.put("DescribeEndpoints", absences::describeEndpoints);
        operations.put("ListContributorInsights", absences::listContributorInsights);
        operations.put("ListBackups", Absences.emptyList("BackupSummaries", "Limit", 100));
        operations.put("ListExports", Absences.emptyList("ExportSummaries", "MaxResults", 25));
        operations.put("ListGlobalTables", Absences.emptyList("GlobalTables", "Limit", Integer.MAX_VALUE));
        operations.put("ListImports", Absences.emptyList("ImportSummaryList", "PageSize", 25));
        operations.put("DeleteBackup", Absences.notFound(ErrorType.BACKUP_NOT_FOUND, "BackupArn", "Backup"));
        operations.put("DescribeBackup", Absences.notFound(ErrorType.BACKUP_NOT_FOUND, "BackupArn", "Backup"));
        operations.put("DescribeExport", Absences.notFound(ErrorType.EXPORT_NOT_FOUND, "ExportArn", "Export"));
        operations.put("DescribeImport", Absences.notFound(ErrorType.IMPORT_NOT_FOUND, "ImportArn", "Import"));
        Operation noGlobalTable =
                Absences.notFound(ErrorType.GLOBAL_TABLE_NOT_FOUND, "GlobalTableName", "Global table");
        operations.put("DescribeGlobalTable", noGlobalTable);
        operations.put("DescribeGlobalTableSettings", noGlobalTable);
        for (String name : NOT_BUILT) {
            operations.put(name, Absences.notBuilt(name));
        }

        Map<String, Operation> byTarget = new HashMap<>();
        operations.forEach((name, operation) -> byTarget.put(TABLES_PREFIX + name, operation));
        byTarget.put(STREAMS_PREFIX + "ListStreams", Absences.emptyList("Streams", "Limit", 100));
        Operation noStream = Absences.notFound(ErrorType.RESOURCE_NOT_FOUND, "StreamArn", "Requested resource");
        byTarget.put(STREAMS_PREFIX + "DescribeStream", noStream);
        byTarget.put(STREAMS_PREFIX + "GetShardIterator", noStream);
        byTarget.put(
                STREAMS_PREFIX + "GetRecords",
                Absences.notFound(ErrorType.RESOURCE_NOT_FOUND, "ShardIterator", "Requested resource"));
        return Map.copyOf(byTarget);
    }
}
