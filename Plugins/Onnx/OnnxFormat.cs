using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.Onnx.Export;

namespace TransformFramework.Onnx;

/// <summary>Writes graphs as ONNX, operator set 13. Inputs and outputs keep their names, types and shapes; images inside run with channels first, as ONNX has them.</summary>
[ModelFormat("onnx", ".onnx")]
public sealed class OnnxFormat : IModelWriter
{
    public void Write(Graph graph, IReadOnlyList<string> inputs, IReadOnlyList<string> outputs, Stream stream, CancellationToken cancellation) =>
        GraphExport.Run(graph, inputs, outputs).Encode().WriteTo(stream, cancellation);
}
