using TransformFramework.ModelFiles;
using TransformFramework.Onnx.Reading;
using TransformFramework.Graphs;
using TransformFramework.Onnx.Export;

namespace TransformFramework.Onnx;

/// <summary>Reads and writes ONNX models.</summary>
[ModelFormat("onnx", ".onnx")]
public sealed class OnnxFormat : IModelSourceReader, IModelWriter
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

    public void Write(Graph graph, IReadOnlyList<string> inputs, IReadOnlyList<string> outputs, Stream stream, CancellationToken cancellation) =>
        GraphExport.Run(graph, inputs, outputs).Encode().WriteTo(stream, cancellation);
}
