using TransformFramework.Diagnostics;

namespace TransformFramework.Workflows;

internal static partial class WorkflowsDiagnostics
{
    /// <summary>Argument: the message.</summary>
    public static readonly DiagnosticDescriptor FewSamples = new("TFX5031", Severity.Warning, "Few samples", "{0}")
    {
        Cause = "Ranges that are found on very few samples may be too narrow for others.",
        Remedy = "Give more: a hundred typical ones are enough.",
        Example = """transform_graph quantize --in_graph=g.pb --data=one.npy --out_graph=o.pb""",
    };

    /// <summary>Argument: the message.</summary>
    public static readonly DiagnosticDescriptor SamplesAlike = new("TFX5032", Severity.Warning, "Samples are all alike", "{0}")
    {
        Cause = "Every sample has the same values.",
        Remedy = "Take different ones, as the model will meet them.",
        Example = """numpy.savez('d.npz', x=numpy.ones((100, 4), 'float32'))""",
    };

    /// <summary>Argument: the message.</summary>
    public static readonly DiagnosticDescriptor ConstantInput = new("TFX5033", Severity.Warning, "Input of one value", "{0}")
    {
        Cause = "All values of an input are the same number in every sample.",
        Remedy = "Check how the samples are read.",
        Example = """numpy.savez('d.npz', x=numpy.zeros((100, 4), 'float32'))""",
    };

    /// <summary>Argument: the message.</summary>
    public static readonly DiagnosticDescriptor ColourValues = new("TFX5034", Severity.Warning, "Samples look like colour values", "{0}")
    {
        Cause = "The samples are whole numbers from 0 to 255, and the graph computes with them without scaling.",
        Remedy = "Scale them as the model was trained: '?divide=255' or '?mean=127.5&scale=0.0078431' behind the path.",
        Example = """transform_graph quantize --in_graph=g.pb --data=pictures --out_graph=o.pb""",
    };
}
