using TransformFramework.Diagnostics;

namespace TransformFramework.Workflows;

internal static partial class WorkflowsDiagnostics
{
    /// <summary>Argument: the message.</summary>
    public static readonly DiagnosticDescriptor BadShard = new("TFX5040", Severity.Error, "Shard is unknown", "{0}")
    {
        Cause = "--shard names no part of the work, or is auto where no scheduler says which task runs.",
        Remedy = "Write --shard=I/N with I from 0 to N - 1; under Slurm, Open MPI and Grid Engine --shard=auto, under Kubernetes and AWS Batch --shard=auto/N.",
        Example = "transform_graph calibrate --in_graph=g.pb --data=d.npz --shard=8/8 --folder=work",
    };

    /// <summary>Argument: which are missing.</summary>
    public static readonly DiagnosticDescriptor MissingShards = new("TFX5041", Severity.Error, "Shards are missing", "{0}")
    {
        Cause = "--merge found fewer files than there are shards: some are still running, or have failed. The exit code is 75.",
        Remedy = "Run those that are named and merge again; what is there is kept.",
        Example = "transform_graph calibrate --merge=work --out=g.ranges    # before the last shard has ended",
    };

    /// <summary>Arguments: the shard, its files.</summary>
    public static readonly DiagnosticDescriptor DoubledShard = new("TFX5042", Severity.Error, "Shard is there twice", "shard {0} is there more than once: {1}")
    {
        Cause = "Two files in the folder hold the same shard, and its samples would count twice.",
        Remedy = "Keep one of them.",
        Example = "cp work/calibrate-00000-of-00002.shard work/copy.shard",
    };

    /// <summary>Argument: which, and how it differs.</summary>
    public static readonly DiagnosticDescriptor ForeignShard = new("TFX5043", Severity.Error, "Shard of other work", "{0}")
    {
        Cause = "A file in the folder was made from another graph, with other options, other data or another version of the program, or with another number of shards.",
        Remedy = "Give each work a folder of its own, or delete the file.",
        Example = "transform_graph calibrate --in_graph=other.pb --data=d.npz --shard=1/2 --folder=work    # where shard 0 is of g.pb",
    };

    /// <summary>Arguments: the file, the reason.</summary>
    public static readonly DiagnosticDescriptor UnreadableShard = new("TFX5044", Severity.Error, "Shard's file is damaged", "'{0}' is no readable shard: {1}")
    {
        Cause = "The file was cut short or changed after it was written; shards write their files as a whole or not at all.",
        Remedy = "Delete it and run its shard again.",
        Example = "truncate -s 100 work/calibrate-00000-of-00002.shard",
    };

    /// <summary>Arguments: the sample, the reason.</summary>
    public static readonly DiagnosticDescriptor BrokenSample = new("TFX5045", Severity.Warning, "Sample left out", "the sample {0} is left out: {1}")
    {
        Cause = "A sample cannot be read or does not fit, and --max_bad allows some of these.",
        Remedy = "Mend or remove it; the number of samples left out is a part of the result.",
        Example = "transform_graph calibrate --in_graph=g.pb --data=images --out=g.ranges --max_bad=10",
    };

    /// <summary>Argument: the message.</summary>
    public static readonly DiagnosticDescriptor TooManyBroken = new("TFX5046", Severity.Error, "Too many broken samples", "{0}")
    {
        Cause = "More samples cannot be read than --max_bad allows, in one run or over all shards.",
        Remedy = "Look at the samples that are named; a wrong option such as ?size= breaks all of them.",
        Example = "transform_graph calibrate --merge=work --out=g.ranges --max_bad=10",
    };

    /// <summary>Argument: the message.</summary>
    public static readonly DiagnosticDescriptor SubmissionFailed = new("TFX5047", Severity.Error, "Submitted work failed", "{0}")
    {
        Cause = "The scheduler refused a job, or a process that was started ended with an error.",
        Remedy = "Look into the folder's logs; the same command again runs only what is missing.",
        Example = "transform_graph submit calibrate --in_graph=g.pb --data=broken.npz --out=g.ranges --engine=local --shards=2 --folder=work",
    };
}
