using TransformFramework.ModelFiles;
using TransformFramework.TfLite.Schema;

namespace TransformFramework.TfLite.Reading;

/// <summary>Checks what interpreters rely on, and what they let pass and then compute noise: indices, sizes, quantization, order of operators.</summary>
internal static class ModelVerifier
{
    private const int MostVersion = 20;

    /// <exception cref="ModelFormatException">The model contradicts itself; the message says where.</exception>
    public static void Verify(TfLiteModel model, CancellationToken cancellation)
    {
        if (model.Subgraphs.IsEmpty)
            throw TfLiteDiagnostics.Invalid("the model has no subgraph");
        for (int i = 0; i < model.Subgraphs.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            string where = $"subgraph {i}";
            foreach (var (tensor, index) in model.Subgraphs[i].Tensors.Select((tensor, index) => (tensor, index)))
                Verify(model, tensor, $"{where}, tensor {index} '{tensor.Name}'");
            VerifyOrder(model, model.Subgraphs[i], where);
        }
        foreach (TfLiteSignature signature in model.Signatures)
            Verify(model, signature);
        foreach (var (name, buffer) in model.Metadata)
            Require(buffer < model.Buffers.Length, $"metadata '{name}' is in buffer {buffer}, but the model has {model.Buffers.Length}");
    }

    /// <summary>True for a tensor whose elements are in the file.</summary>
    public static bool IsConstant(TfLiteModel model, TfLiteTensor tensor) =>
        !tensor.IsVariable && (!model.Buffers[tensor.Buffer].IsEmpty || (tensor.Buffer != 0 && tensor.Shape.Contains(0)));

    private static void Verify(TfLiteModel model, TfLiteTensor tensor, string where)
    {
        Require(tensor.Type.IsKnown(), $"{where} is of the unknown type {(int)tensor.Type}");
        Require(tensor.Buffer < model.Buffers.Length, $"{where} is in buffer {tensor.Buffer}, but the model has {model.Buffers.Length}");
        long count = 1;
        foreach (int size in tensor.Shape)
        {
            Require(size >= 0 || (size == -1 && model.Buffers[tensor.Buffer].IsEmpty), $"{where} has a dimension of {size}");
            count = size <= 0 ? 0 : count * size;
            Require(count <= int.MaxValue * 4L, $"{where} has too many elements");
        }
        Require(tensor.ShapeSignature.IsEmpty || tensor.ShapeSignature.Length == tensor.Shape.Length, $"{where} has a shape signature of {tensor.ShapeSignature.Length} dimensions, but {tensor.Shape.Length} in its shape");
        foreach (int size in tensor.ShapeSignature)
            Require(size >= -1, $"{where} has a dimension of {size} in its shape signature");
        int stored = model.Buffers[tensor.Buffer].Length;
        bool hasElements = stored > 0 && tensor.Type is not (TensorType.String or TensorType.Resource or TensorType.Variant) && !tensor.IsSparse;
        Require(!hasElements || stored == tensor.Type.Bytes(tensor.ElementCount), $"{where} needs {(hasElements ? tensor.Type.Bytes(tensor.ElementCount) : 0)} bytes, but its buffer has {stored}");
        if (tensor.Quantization is { } quantization)
            Verify(tensor, quantization, where);
    }

    private static void Verify(TfLiteTensor tensor, TfLiteQuantization quantization, string where)
    {
        int scales = quantization.Scales.Length;
        Require(scales == quantization.ZeroPoints.Length, $"{where} has {scales} scales, but {quantization.ZeroPoints.Length} zero points");
        if (scales > 1)
        {
            bool isBias = tensor.Type is TensorType.Int32 or TensorType.Int64 && tensor.Shape.Length == 1;
            int dimension = isBias ? 0 : quantization.Dimension;
            Require(dimension >= 0 && dimension < tensor.Shape.Length, $"{where} is quantized along dimension {quantization.Dimension} of {tensor.Shape.Length}");
            Require(scales == tensor.Shape[dimension], $"{where} has {scales} scales for {tensor.Shape[dimension]} indices of dimension {dimension}");
        }
        foreach (float scale in quantization.Scales)
            Require(float.IsFinite(scale) && scale > 0, $"{where} has the scale {scale}");
        (long least, long most) = tensor.Type switch
        {
            TensorType.Int8 => (sbyte.MinValue, sbyte.MaxValue),
            TensorType.UInt8 => (byte.MinValue, byte.MaxValue),
            TensorType.Int16 => (short.MinValue, short.MaxValue),
            TensorType.Int4 => (-8L, 7L),
            _ => (int.MinValue, (long)int.MaxValue),
        };
        foreach (long zero in quantization.ZeroPoints)
            Require(zero >= least && zero <= most, $"{where} has the zero point {zero}, which its type cannot hold");
    }

    private static void VerifyOrder(TfLiteModel model, TfLiteSubgraph graph, string where)
    {
        HashSet<int> written = [.. graph.Operators.SelectMany(op => op.Outputs)];
        bool[] isKnown = [.. graph.Tensors.Select((tensor, i) => tensor.IsVariable || (IsConstant(model, tensor) && !(written.Contains(i) && model.Buffers[tensor.Buffer].IsEmpty)))];
        bool[] isWritten = [.. isKnown];
        foreach (int input in graph.Inputs)
        {
            RequireTensor(graph, input, $"input of {where}");
            isKnown[input] = isWritten[input] = true;
        }
        for (int i = 0; i < graph.Operators.Length; i++)
        {
            TfLiteOperator op = graph.Operators[i];
            string at = $"{where}, operator {i} ({op.Name})";
            Verify(model, op, at);
            foreach (int input in op.Inputs.Where(input => input != -1))
            {
                RequireTensor(graph, input, at);
                Require(isKnown[input], $"{at} reads tensor {input} '{graph.Tensors[input].Name}', which no constant, input or earlier operator gives");
            }
            foreach (int output in op.Outputs)
            {
                RequireTensor(graph, output, at);
                Require(!isWritten[output], $"{at} writes tensor {output} '{graph.Tensors[output].Name}', which is an input, a constant or written already");
                isKnown[output] = isWritten[output] = true;
            }
        }
        foreach (int output in graph.Outputs)
        {
            RequireTensor(graph, output, $"output of {where}");
            Require(isKnown[output], $"output {output} '{graph.Tensors[output].Name}' of {where} is not computed");
        }
    }

    private static void Verify(TfLiteModel model, TfLiteOperator op, string where)
    {
        Require(op.Schema.Number != OperatorSchema.Custom || op.CustomCode.Length > 0, $"{where} is a custom operator without a name");
        Require(op.Version is >= 1 and <= MostVersion, $"{where} is of version {op.Version}");
        foreach (OptionField field in op.Schema.Fields.Where(field => field.Name.EndsWith("subgraph_index", StringComparison.Ordinal) || field.Name == "subgraph"))
        {
            int index = op.Options.Int(field.Name);
            Require(index >= 0 && index < model.Subgraphs.Length, $"{where} calls subgraph {index}, but the model has {model.Subgraphs.Length}");
        }
    }

    private static void Verify(TfLiteModel model, TfLiteSignature signature)
    {
        Require(signature.Subgraph < model.Subgraphs.Length, $"signature '{signature.Key}' is for subgraph {signature.Subgraph}, but the model has {model.Subgraphs.Length}");
        TfLiteSubgraph graph = model.Subgraphs[signature.Subgraph];
        foreach (var (name, tensor) in signature.Inputs.Concat(signature.Outputs))
            Require(tensor < graph.Tensors.Length, $"signature '{signature.Key}' names tensor {tensor} '{name}', but its subgraph has {graph.Tensors.Length}");
    }

    private static void RequireTensor(TfLiteSubgraph graph, int index, string where) =>
        Require(index >= 0 && index < graph.Tensors.Length, $"{where} refers to tensor {index}, but there are {graph.Tensors.Length}");

    private static void Require(bool condition, string message)
    {
        if (!condition)
            throw TfLiteDiagnostics.Invalid(message);
    }
}
