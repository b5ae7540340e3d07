using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text;
using Google.FlatBuffers;

namespace TransformFramework.TfLite.Schema;

/// <summary>Writes a model's tables. Equal vectors and strings are stored once.</summary>
internal sealed class ModelEncoder
{
    private const int SchemaVersion = 3;
    private const int LastOldOperatorCode = 127;
    private const int BufferAlignment = 16;

    private readonly FlatBufferBuilder builder;
    private readonly Dictionary<string, int> vectors = new(StringComparer.Ordinal);
    private readonly Dictionary<string, StringOffset> strings = new(StringComparer.Ordinal);

    private ModelEncoder(int capacity) => builder = new(capacity);

    /// <summary>The bytes of a file.</summary>
    public static byte[] Encode(TfLiteModel model)
    {
        long content = model.Buffers.Sum(buffer => (long)buffer.Length);
        if (content > int.MaxValue - (1 << 24))
            throw TfLiteDiagnostics.Unwritable("the constants are larger than 2 GiB, which files of this format cannot hold", "Quantize the weights, or write another format.");
        return new ModelEncoder((int)Math.Max(1 << 12, content + (content / 8))).Run(model);
    }

    private byte[] Run(TfLiteModel model)
    {
        var codes = new List<(OperatorSchema Schema, string Custom, int Version)>();
        foreach (TfLiteOperator op in model.Subgraphs.SelectMany(graph => graph.Operators))
        {
            if (!codes.Contains((op.Schema, op.CustomCode, op.Version)))
                codes.Add((op.Schema, op.CustomCode, op.Version));
        }
        int buffers = Tables(model.Buffers.Select(Buffer));
        int subgraphs = Tables(model.Subgraphs.Select(graph => Subgraph(graph, codes)));
        int operatorCodes = Tables(codes.Select(OperatorCode));
        int signatures = Tables(model.Signatures.Select(Signature));
        int metadata = Tables(model.Metadata.Select(Metadata));
        StringOffset description = Text(model.Description);
        builder.StartTable(8);
        builder.AddOffset(1, operatorCodes, 0);
        builder.AddOffset(2, subgraphs, 0);
        builder.AddOffset(3, description.Value, 0);
        builder.AddOffset(4, buffers, 0);
        builder.AddOffset(6, metadata, 0);
        builder.AddOffset(7, signatures, 0);
        builder.AddUint(0, SchemaVersion, 0);
        builder.Finish(builder.EndTable(), "TFL3");
        return builder.SizedByteArray();
    }

    private int Buffer(ReadOnlyMemory<byte> bytes)
    {
        int vector = 0;
        if (!bytes.IsEmpty)
        {
            builder.StartVector(1, bytes.Length, BufferAlignment);
            for (int i = bytes.Length - 1; i >= 0; i--)
                builder.AddByte(bytes.Span[i]);
            vector = builder.EndVector().Value;
        }
        builder.StartTable(1);
        builder.AddOffset(0, vector, 0);
        return builder.EndTable();
    }

    private int OperatorCode((OperatorSchema Schema, string Custom, int Version) operatorCode)
    {
        StringOffset custom = operatorCode.Custom.Length == 0 ? default : Text(operatorCode.Custom);
        builder.StartTable(4);
        builder.AddInt(3, operatorCode.Schema.Number, 0);
        builder.AddInt(2, operatorCode.Version, 1);
        builder.AddOffset(1, custom.Value, 0);
        builder.AddSbyte(0, (sbyte)Math.Min(operatorCode.Schema.Number, LastOldOperatorCode), 0);
        return builder.EndTable();
    }

    private int Subgraph(TfLiteSubgraph graph, List<(OperatorSchema, string, int)> codes)
    {
        int operators = Tables(graph.Operators.Select(op => Operator(op, codes.IndexOf((op.Schema, op.CustomCode, op.Version)))));
        int tensors = Tables(graph.Tensors.Select(Tensor));
        int inputs = Vector<int>(graph.Inputs.AsSpan());
        int outputs = Vector<int>(graph.Outputs.AsSpan());
        int name = graph.Name.Length == 0 ? 0 : Text(graph.Name).Value;
        builder.StartTable(5);
        builder.AddOffset(0, tensors, 0);
        builder.AddOffset(1, inputs, 0);
        builder.AddOffset(2, outputs, 0);
        builder.AddOffset(3, operators, 0);
        builder.AddOffset(4, name, 0);
        return builder.EndTable();
    }

    private int Tensor(TfLiteTensor tensor)
    {
        int shape = Vector<int>(tensor.Shape.AsSpan());
        int signature = tensor.ShapeSignature.IsEmpty ? 0 : Vector<int>(tensor.ShapeSignature.AsSpan());
        int name = Text(tensor.Name).Value;
        int quantization = tensor.Quantization is { } given ? Quantization(given) : 0;
        builder.StartTable(9);
        builder.AddOffset(0, shape, 0);
        builder.AddUint(2, (uint)tensor.Buffer, 0);
        builder.AddOffset(3, name, 0);
        builder.AddOffset(4, quantization, 0);
        builder.AddOffset(7, signature, 0);
        builder.AddSbyte(1, (sbyte)tensor.Type, 0);
        builder.AddBool(5, tensor.IsVariable, false);
        builder.AddBool(8, true, false);
        return builder.EndTable();
    }

    private int Quantization(TfLiteQuantization quantization)
    {
        int scales = Vector<float>(quantization.Scales.AsSpan());
        int zeros = Vector<long>(quantization.ZeroPoints.AsSpan());
        string key = $"quantization {scales} {zeros} {quantization.Dimension}";
        if (vectors.TryGetValue(key, out int known))
            return known;
        builder.StartTable(7);
        builder.AddOffset(2, scales, 0);
        builder.AddOffset(3, zeros, 0);
        builder.AddInt(6, quantization.Dimension, 0);
        return vectors[key] = builder.EndTable();
    }

    private int Operator(TfLiteOperator op, int operatorCode)
    {
        int inputs = Vector<int>(op.Inputs.AsSpan());
        int outputs = Vector<int>(op.Outputs.AsSpan());
        int options = op.Schema.OptionsType == 0 ? 0 : Options(op);
        int custom = op.CustomOptions.IsEmpty ? 0 : Vector<byte>(op.CustomOptions.Span);
        builder.StartTable(13);
        builder.AddUint(0, (uint)operatorCode, 0);
        builder.AddOffset(1, inputs, 0);
        builder.AddOffset(2, outputs, 0);
        builder.AddOffset(op.Schema.UsesSecondUnion ? 12 : 4, options, 0);
        builder.AddOffset(5, custom, 0);
        builder.AddByte(op.Schema.UsesSecondUnion ? 11 : 3, (byte)op.Schema.OptionsType, 0);
        return builder.EndTable();
    }

    private int Options(TfLiteOperator op)
    {
        int[] offsets = [.. op.Schema.Fields.Select(field => op.Options.Present.TryGetValue(field.Name, out object? value) ? value switch
        {
            string text => Text(text).Value,
            int[] values => Vector<int>(values),
            long[] values => Vector<long>(values),
            float[] values => Vector<float>(values),
            byte[] values => Vector<byte>(values),
            _ => 0,
        } : 0)];
        string key = "options " + op.Schema.OptionsType + (op.Schema.UsesSecondUnion ? "b" : "") + string.Join(' ', op.Schema.Fields.Select((field, i) => offsets[i] != 0 ? $"@{offsets[i]}" : op.Options.Present.GetValueOrDefault(field.Name)?.ToString() ?? ""));
        if (vectors.TryGetValue(key, out int known))
            return known;
        builder.StartTable(Math.Max(1, op.Schema.Fields.Length));
        for (int i = 0; i < op.Schema.Fields.Length; i++)
        {
            OptionField field = op.Schema.Fields[i];
            if (offsets[i] != 0)
                builder.AddOffset(i, offsets[i], 0);
            else if (field.Kind == FieldKind.Bool)
                builder.AddBool(i, op.Options.Flag(field.Name), field.Default != 0);
            else if (field.Kind == FieldKind.Byte)
                builder.AddSbyte(i, (sbyte)op.Options.Int(field.Name), (sbyte)field.Default);
            else if (field.Kind == FieldKind.Int)
                builder.AddInt(i, op.Options.Int(field.Name), (int)field.Default);
            else if (field.Kind == FieldKind.Long)
                builder.AddLong(i, op.Options.Long(field.Name), (long)field.Default);
            else if (field.Kind == FieldKind.Float)
                builder.AddFloat(i, op.Options.Real(field.Name), field.Default);
        }
        return vectors[key] = builder.EndTable();
    }

    private int Signature(TfLiteSignature signature)
    {
        int inputs = Tables(signature.Inputs.Select(Entry));
        int outputs = Tables(signature.Outputs.Select(Entry));
        StringOffset key = Text(signature.Key);
        builder.StartTable(5);
        builder.AddOffset(0, inputs, 0);
        builder.AddOffset(1, outputs, 0);
        builder.AddOffset(2, key.Value, 0);
        builder.AddUint(4, (uint)signature.Subgraph, 0);
        return builder.EndTable();
    }

    private int Entry((string Name, int Tensor) entry)
    {
        StringOffset name = Text(entry.Name);
        builder.StartTable(2);
        builder.AddOffset(0, name.Value, 0);
        builder.AddUint(1, (uint)entry.Tensor, 0);
        return builder.EndTable();
    }

    private int Metadata((string Name, int Buffer) entry)
    {
        StringOffset name = Text(entry.Name);
        builder.StartTable(2);
        builder.AddOffset(0, name.Value, 0);
        builder.AddUint(1, (uint)entry.Buffer, 0);
        return builder.EndTable();
    }

    private StringOffset Text(string text) => strings.TryGetValue(text, out StringOffset known) ? known : strings[text] = builder.CreateString(text);

    private int Tables(IEnumerable<int> tables)
    {
        int[] made = [.. tables];
        builder.StartVector(4, made.Length, 4);
        for (int i = made.Length - 1; i >= 0; i--)
            builder.AddOffset(made[i]);
        return builder.EndVector().Value;
    }

    private int Vector<T>(ReadOnlySpan<T> values)
        where T : unmanaged
    {
        ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(values);
        int size = System.Runtime.CompilerServices.Unsafe.SizeOf<T>();
        string key = bytes.Length <= 1 << 16 ? $"{size} {Convert.ToHexString(bytes)}" : "";
        if (key.Length > 0 && vectors.TryGetValue(key, out int known))
            return known;
        builder.StartVector(size, values.Length, size);
        for (int i = bytes.Length - size; i >= 0; i -= size)
        {
            for (int k = size - 1; k >= 0; k--)
                builder.PutByte(bytes[i + k]);
        }
        int made = builder.EndVector().Value;
        if (key.Length > 0)
            vectors[key] = made;
        return made;
    }
}
