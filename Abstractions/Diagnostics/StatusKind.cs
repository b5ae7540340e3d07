namespace TransformFramework.Diagnostics;

/// <summary>Kinds of failure, as the original tool and TensorFlow's kernels classify them.</summary>
public enum StatusKind
{
    InvalidArgument,
    NotFound,
    Internal,
    FailedPrecondition,
    OutOfRange,
    Unimplemented,

    /// <summary>The original killed the process here; reported as an error that <c>ignore_errors</c> does not rescue there.</summary>
    Aborted,
}
