using System.Collections.Immutable;
using TransformFramework.ModelFiles;

namespace TransformFramework.TfLite.Schema;

/// <summary>Reads the tables of a file. Every offset is checked; what the tables say is checked by <see cref="Reading.ModelVerifier"/>.</summary>
internal static class ModelDecoder
{
    /// <summary>Identifier at byte 4.</summary>
    public static ReadOnlySpan<byte> Identifier => "TFL3"u8;

    /// <exception cref="ModelFormatException">The bytes are not a model, or break off.</exception>
    public static TfLiteModel Decode(ReadOnlyMemory<byte> file, CancellationToken cancellation)
    {
        if (file.Length < 8 || !file.Span.Slice(4, 4).SequenceEqual(Identifier))
            throw TfLiteDiagnostics.Broken("the file does not begin like a TensorFlow Lite model (TFL3 at byte 4)");
        var root = new FlatTable(new FlatFile(file), System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(file.Span));
        if (root.UInt(0) is not 3 and var version)
            throw TfLiteDiagnostics.Broken($"the model is of schema version {version}; only version 3 can be read");
        OperatorCode[] codes = [.. root.Tables(1).Select(Code)];
        return new([.. root.Tables(2).Select(table => Subgraph(table, codes, file, cancellation))], [.. root.Tables(4).Select(table => Buffer(table, file))])
        {
            Description = root.Text(3) ?? "",
            Metadata = [.. root.Tables(6).Select(table => (table.Text(0) ?? "", Index(table.UInt(1))))],
            Signatures = [.. root.Tables(7).Select(Signature)],
        };
    }

    private static OperatorCode Code(FlatTable table)
    {
        int number = Math.Max(table.Byte(0), table.Int(3));
        if (table.Int(3) < 0 || table.Byte(0) < 0)
            throw TfLiteDiagnostics.Invalid($"operator code {Math.Min(table.Byte(0), table.Int(3))} is negative");
        return new(OperatorSchema.Find(number), number, table.Text(1) ?? "", table.Int(2, 1));
    }

    private static TfLiteSubgraph Subgraph(FlatTable table, OperatorCode[] codes, ReadOnlyMemory<byte> file, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        return new(table.Text(4) ?? "", [.. table.Tables(0).Select(Tensor)], [.. table.Values<int>(1)], [.. table.Values<int>(2)], [.. table.Tables(3).Select((op, i) => Operator(op, i, codes, file))]);
    }

    private static TfLiteTensor Tensor(FlatTable table) => new(table.Text(3) ?? "", (TensorType)table.Byte(1), [.. table.Values<int>(0)])
    {
        Buffer = Index(table.UInt(2)),
        Quantization = Quantization(table.Table(4)),
        IsVariable = table.Flag(5),
        IsSparse = table.Has(6),
        Sparsity = table.Table(6),
        ShapeSignature = [.. table.Values<int>(7)],
    };

    private static TfLiteQuantization? Quantization(FlatTable table)
    {
        if (!table.Exists)
            return null;
        float[] scales = table.Values<float>(2);
        long[] zeros = table.Values<long>(3);
        return scales.Length == 0 && zeros.Length == 0 ? null : new([.. scales], [.. zeros], table.Int(6));
    }

    private static TfLiteOperator Operator(FlatTable table, int position, OperatorCode[] codes, ReadOnlyMemory<byte> file)
    {
        uint index = table.UInt(0);
        if (index >= codes.Length)
            throw TfLiteDiagnostics.Invalid($"operator {position} has the operator code {index}, but the file has {codes.Length}");
        OperatorCode code = codes[index];
        if (code.Schema is not { } schema)
            throw TfLiteDiagnostics.Unreadable($"operator {position} is of the unknown code {code.Number}", "The file is of a later version of TensorFlow Lite than this reader, or damaged.");
        ReadOnlyMemory<byte> custom = table.Bytes(5);
        long large = table.Long(9);
        if (large > 1)
            custom = Outside(file, large, table.Long(10));
        return new(schema, code.Version, [.. table.Values<int>(1)], [.. table.Values<int>(2)], Options(table, schema, position))
        {
            CustomCode = code.Custom,
            CustomOptions = custom,
            Intermediates = [.. table.Values<int>(8)],
        };
    }

    private static OptionValues Options(FlatTable table, OperatorSchema schema, int position)
    {
        int field = schema.UsesSecondUnion ? 11 : 3;
        int type = table.UnionType(field);
        if (type == 0 || (schema.OptionsType == 0 && schema.Fields.IsEmpty))
            return OptionValues.Defaults(schema);
        if (type != schema.OptionsType)
            throw TfLiteDiagnostics.Invalid($"operator {position} ({schema.Name}) has options of number {type}, but its own are number {schema.OptionsType}");
        FlatTable options = table.Table(field + 1);
        return options.Exists ? new(schema, Values(options, schema)) : OptionValues.Defaults(schema);
    }

    private static ImmutableDictionary<string, object> Values(FlatTable options, OperatorSchema schema)
    {
        var values = ImmutableDictionary.CreateBuilder<string, object>(StringComparer.Ordinal);
        for (int i = 0; i < schema.Fields.Length; i++)
        {
            if (!options.Has(i) || schema.Fields[i].Kind == FieldKind.Unused)
                continue;
            values[schema.Fields[i].Name] = schema.Fields[i].Kind switch
            {
                FieldKind.Bool => options.Flag(i),
                FieldKind.Byte => options.Byte(i),
                FieldKind.Int => options.Int(i),
                FieldKind.Long => options.Long(i),
                FieldKind.Float => options.Float(i),
                FieldKind.Text => options.Text(i) ?? "",
                FieldKind.Ints => options.Values<int>(i),
                FieldKind.Longs => options.Values<long>(i),
                FieldKind.Floats => options.Values<float>(i),
                _ => options.Bytes(i).ToArray(),
            };
        }
        return values.ToImmutable();
    }

    private static ReadOnlyMemory<byte> Buffer(FlatTable table, ReadOnlyMemory<byte> file)
    {
        long offset = table.Long(1);
        return offset > 1 ? Outside(file, offset, table.Long(2)) : table.Bytes(0);
    }

    private static ReadOnlyMemory<byte> Outside(ReadOnlyMemory<byte> file, long offset, long size) =>
        size >= 0 && offset <= file.Length && size <= file.Length - offset
            ? file.Slice((int)offset, (int)size)
            : throw TfLiteDiagnostics.Broken($"{size} bytes at {offset} are referred to, but the file has {file.Length} bytes");

    private static TfLiteSignature Signature(FlatTable table) => new(table.Text(2) ?? "", Index(table.UInt(4)), Map(table, 0), Map(table, 1));

    private static ImmutableArray<(string Name, int Tensor)> Map(FlatTable table, int field) => [.. table.Tables(field).Select(entry => (entry.Text(0) ?? "", Index(entry.UInt(1))))];

    /// <summary>An unsigned index as a signed one; those beyond are out of every range.</summary>
    private static int Index(uint value) => (int)Math.Min(value, int.MaxValue);

    private sealed record OperatorCode(OperatorSchema? Schema, int Number, string Custom, int Version);
}
