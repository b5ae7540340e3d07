using TransformFramework.Graphs;
using TransformFramework.ModelFiles;

namespace TransformFramework.Onnx.Writing;

/// <summary>Words for what cannot be written.</summary>
internal static class Refusals
{
    public static string ReasonOf(string op) => op switch
    {
        "Placeholder" => "it is read, but is not among the inputs",
        "DecodeWav" or "AudioSpectrogram" or "Mfcc" => "ONNX has no operators for audio files and their features",
        _ when op.Contains("String", StringComparison.Ordinal) || op is "AsString" or "ParseExample" or "ParseExampleV2" or "DecodeRaw" => "ONNX has no operator for text",
        _ when op.StartsWith("Sparse", StringComparison.Ordinal) => "ONNX has no sparse operators",
        _ when op.StartsWith("Iterator", StringComparison.Ordinal) => "data pipelines are not part of a model",
        _ => "ONNX has no operator of its meaning that is written here",
    };

    /// <summary>The error for a node.</summary>
    public static ModelFormatException Of(Node node, ModelFormatException error) => new(OnnxDiagnostics.NotWritten.Format(node.Name, node.Op, error.Message), error) { DiagnosticId = OnnxDiagnostics.NotWritten.Id };
}
