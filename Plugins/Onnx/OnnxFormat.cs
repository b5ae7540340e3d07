using System.Globalization;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.Onnx.Model;
using TransformFramework.Onnx.Reading;
using TransformFramework.Onnx.Writing;
using TransformFramework.Toolkit.Graphs;

namespace TransformFramework.Onnx;

/// <summary>Reads and writes ONNX models. Inputs and outputs that are written keep their names, types and shapes; images inside run with channels first, as ONNX has them.</summary>
[ModelFormat("onnx", ".onnx")]
[FormatOption("opset", "13..25", "Version of ONNX's operator set to write; 17 unless said otherwise.")]
[FormatOption("channels", "first|last", "Where images at inputs and outputs have their channels: last, as the graph has them, or first.")]
public sealed class OnnxFormat : IModelSourceReader, IModelSinkWriter, IModelWriter
{
    public bool Recognizes(ModelSource source) => source.Main is { } file && ModelDetection.IsModel(file);

    public ModelContent Read(ModelSource source, ModelReadOptions options, CancellationToken cancellation)
    {
        try
        {
            return ModelReader.Read(source, cancellation);
        }
        catch (ModelFormatException error)
        {
            throw ModelDetection.Named(source, error);
        }
    }

    public void Write(ModelContent model, ModelWriteOptions options, ModelSink sink, CancellationToken cancellation) =>
        ModelFile.Write(Written(model, options.Inputs, options.Outputs, Opset(options), ChannelsFirst(options), cancellation), sink);

    public void Write(Graph graph, IReadOnlyList<string> inputs, IReadOnlyList<string> outputs, Stream stream, CancellationToken cancellation) =>
        ModelEncoder.Write(new ModelEncoder().Encode(Written(new ModelContent(graph), inputs, outputs, Opsets.Default, channelsFirst: false, cancellation)), stream);

    private static OnnxModel Written(ModelContent model, IReadOnlyList<string> inputs, IReadOnlyList<string> outputs, int opset, bool channelsFirst, CancellationToken cancellation)
    {
        try
        {
            return ModelWriter.Write(model, inputs, outputs, opset, channelsFirst, cancellation);
        }
        catch (Exception error) when (NodeFault.IsOne(error))
        {
            throw new ModelFormatException($"the graph cannot be written: {error.Message}", error) { DiagnosticId = OnnxDiagnostics.NotWritten.Id };
        }
    }

    private static int Opset(ModelWriteOptions options)
    {
        if (!options.Settings.TryGetValue("opset", out string? text))
            return Opsets.Default;
        bool isKnown = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int opset) && opset is >= Opsets.OldestWritten and <= Opsets.Latest;
        return isKnown ? opset : throw new ModelFormatException($"opset '{text}' is not written; {Opsets.OldestWritten} to {Opsets.Latest} are") { DiagnosticId = OnnxDiagnostics.Opset.Id };
    }

    private static bool ChannelsFirst(ModelWriteOptions options) => options.Settings.GetValueOrDefault("channels", "last") switch
    {
        "first" => true,
        "last" => false,
        string other => throw new ModelFormatException($"channels '{other}' is neither first nor last") { DiagnosticId = OnnxDiagnostics.InvalidOption.Id },
    };
}
