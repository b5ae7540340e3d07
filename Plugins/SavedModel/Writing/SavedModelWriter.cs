using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.Toolkit.GraphDefs;
using TransformFramework.Toolkit.Protobuf;

namespace TransformFramework.SavedModel.Writing;

/// <summary>Writes the smallest SavedModel that TensorFlow's loaders take: one meta graph with the tag <c>serve</c>, a graph of constants, a signature; no variables.</summary>
internal static class SavedModelWriter
{
    private const string File = "saved_model.pb";
    private const string Serve = "serve";
    private const long MostBytes = int.MaxValue;
    private const int Overhead = 64;

    /// <summary>Writes the model into a folder.</summary>
    /// <exception cref="ModelFormatException">The graph has variables, lacks an input or output, or is larger than 2 GiB.</exception>
    public static void Write(ModelContent model, ModelWriteOptions options, ModelSink sink, CancellationToken cancellation)
    {
        Graph graph = model.Graph;
        CheckWritable(graph);
        byte[] info = Info(model);
        byte[] signature = Entry(WrittenSignature.Of(model, options));
        long graphSize = GraphDefWriter.Measure(graph);
        long size = WireSize.Delimited(1, info.Length) + WireSize.Delimited(2, graphSize) + WireSize.Delimited(5, signature.Length);
        if (size > MostBytes - Overhead)
            throw SavedModelDiagnostics.Error(SavedModelDiagnostics.Unwritable, $"the graph has {graphSize} bytes; a SavedModel whose weights are constants holds at most 2 GiB", "Quantize the weights first, or write a GraphDef.");
        using Stream stream = sink.Create(File);
        Write(stream, writer =>
        {
            writer.Scalar(1, 1);
            writer.Delimiter(2, size);
            writer.Bytes(1, info);
            writer.Delimiter(2, graphSize);
        });
        GraphDefWriter.Write(graph, stream, cancellation);
        Write(stream, writer => writer.Bytes(5, signature));
    }

    private static void Write(Stream stream, Action<WireWriter> write)
    {
        var writer = new WireWriter(new byte[1 << 16], stream);
        write(writer);
        writer.Flush();
    }

    private static byte[] Bytes(Action<WireWriter> write)
    {
        using var stream = new MemoryStream();
        Write(stream, write);
        return stream.ToArray();
    }

    private static void CheckWritable(Graph graph)
    {
        Node? variable = graph.Nodes.FirstOrDefault(Freezing.VariableOps.IsVariable);
        if (variable is not null)
            throw SavedModelDiagnostics.Error(SavedModelDiagnostics.Unwritable, $"'{variable.Name}' ({variable.Op}) is a variable, whose value no graph holds", "Freeze the graph first with freeze_variables.");
    }

    private static byte[] Info(ModelContent model) => Bytes(writer =>
    {
        foreach (string tag in model.Tags.IsEmpty ? [Serve] : model.Tags)
            writer.Text(4, tag);
        const string Producer = "TensorFlow ";
        if (model.Producer.StartsWith(Producer, StringComparison.Ordinal))
            writer.Text(5, model.Producer[Producer.Length..]);
    });

    private static byte[] Entry(ModelSignature signature) => Bytes(writer =>
    {
        writer.Text(1, signature.Name);
        writer.Bytes(2, Bytes(inner =>
        {
            foreach (SignatureTensor input in signature.Inputs)
                inner.Bytes(1, Entry(input));
            foreach (SignatureTensor output in signature.Outputs)
                inner.Bytes(2, Entry(output));
            inner.Text(3, signature.Method);
        }));
    });

    private static byte[] Entry(SignatureTensor tensor) => Bytes(writer =>
    {
        writer.Text(1, tensor.Name);
        writer.Bytes(2, Bytes(inner =>
        {
            inner.Text(1, new NodeInput(tensor.Tensor).Canonical);
            inner.Scalar(2, (long)tensor.Type);
            inner.Bytes(3, Bytes(shape => ShapeWire.Write(tensor.Shape, shape)));
        }));
    });
}
