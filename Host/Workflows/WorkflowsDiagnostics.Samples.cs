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
        Cause = "The samples are numbers from 0 to 255, as images have them, and the graph computes with them without scaling.",
        Remedy = "Scale them as the model was trained: '?divide=255' or '?mean=127.5&scale=0.0078431' behind the path.",
        Example = """transform_graph quantize --in_graph=g.pb --data=images --out_graph=o.pb""",
    };

    /// <summary>Arguments: the node, its op.</summary>
    public static readonly DiagnosticDescriptor FirstNotFinite = new("TFX5024", Severity.Warning, "First node with NaN", "the first node that computes NaN or infinite numbers is '{0}' ({1})")
    {
        Cause = "The node is the first, in execution order, that computes NaN or infinite numbers.",
        Remedy = "Look at the inputs and at the node's constants: what it gives cannot be quantized.",
        Example = """lg = Log(x)    # of a negative number""",
    };

    /// <summary>Arguments: the share in percent, where most is lost.</summary>
    public static readonly DiagnosticDescriptor LowAgreement = new("TFX5030", Severity.Warning, "Quantized graph answers otherwise than the float graph", "only {0:F1} % of the answers are the float graph's{1}")
    {
        Cause = "On the samples, fewer answers than --threshold agree: the ranges do not fit, or a layer does not bear 8 bits.",
        Remedy = "Give more and more typical samples, choose --method=mean_squared_error, or use 'transform_graph tune', which finds the layers to keep in float.",
        Example = "transform_graph quantize graph.pb --data=noise.npz --out_graph=small.pb",
    };

    /// <summary>Arguments: points of accuracy.</summary>
    public static readonly DiagnosticDescriptor AccuracyLost = new("TFX5035", Severity.Warning, "Quantization loses accuracy", "{0:F1} points of accuracy are lost")
    {
        Cause = "On the labelled images of --evaluate, the 8-bit graph is right more than two points less often than the float graph.",
        Remedy = "Give more and more typical samples, or use 'transform_graph tune', which finds the layers to keep in float.",
        Example = "transform_graph quantize graph.pb --data=noise.npz --evaluate=test.npz --out_graph=small.pb",
    };

    /// <summary>Arguments: right answers, images, right answers with other labels, "more" or "less".</summary>
    public static readonly DiagnosticDescriptor ShiftedLabels = new("TFX5036", Severity.Warning, "Labels are off by one", "{0} of {1} answers are right; {2} would be if each label were one {3}: the labels seem to be off by one")
    {
        Cause = "The labels count from another number than the model's classes do.",
        Remedy = "Number the classes as the model does; a class 0 for the background is usual.",
        Example = """numpy.savez('test.npz', images=images, labels=classes + 1)""",
    };

    /// <summary>Argument: the path.</summary>
    public static readonly DiagnosticDescriptor KnownImages = new("TFX5037", Severity.Warning, "Judged on the samples of the calibration", "the images of '{0}' are samples that the graph is calibrated on: the accuracy says little of others")
    {
        Cause = "--data and --evaluate name the same file or folder, or one is within the other.",
        Remedy = "Calibrate on other samples than those that the result is judged by, such as a part of the training data.",
        Example = "transform_graph quantize graph.pb --data=test.npz --evaluate=test.npz --out_graph=small.pb",
    };
}
