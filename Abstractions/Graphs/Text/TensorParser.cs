using System.Collections.Immutable;

namespace TransformFramework.Graphs.Text;

/// <summary>Reads what <see cref="TensorPrinter"/> writes, from behind the type on.</summary>
internal sealed class TensorParser(TextCursor cursor, ShapeParser shapes)
{
    /// <summary>True when what follows a type makes it a tensor's.</summary>
    public bool Follows() => cursor.Sees('[') || cursor.Sees('{') || cursor.Peek() is "raw" or "values";

    public Tensor Read(DataType type)
    {
        int mark = cursor.Mark();
        bool hasShape = cursor.TryTake('[');
        TensorShape shape = hasShape ? shapes.Read(']') : TensorShape.Scalar;
        bool isRaw = cursor.TryTake("raw");
        bool isValues = cursor.TryTake("values");
        cursor.Take('{');
        Tensor tensor;
        if (isRaw)
            tensor = isValues ? Tensor.FromValues(type, shape, cursor.Hex()) : Tensor.FromContent(type, shape, cursor.Hex());
        else if (type == DataType.String)
            tensor = Tensor.FromStrings(shape, Strings());
        else
            tensor = Numbers(type, shape, isValues, mark);
        return Tail(tensor, hasShape);
    }

    private Tensor Numbers(DataType type, TensorShape shape, bool isValues, int mark)
    {
        byte[] bytes = Elements(type.Base());
        if (isValues)
            return Tensor.FromValues(type, shape, bytes);
        int size = type.Size();
        if (size == 0)
            throw cursor.Expected($"'raw' or 'values' before the braces of a tensor of type {type.Name()}", mark);
        if (!TensorText.HasContentOf(shape, bytes.Length, size))
            throw cursor.Expected($"as many elements as shape {shape} has, not {bytes.Length / size} ('values' repeats the last one, 'raw' takes any bytes)", mark);
        return Tensor.FromContent(type, shape, bytes);
    }

    private byte[] Elements(DataType type)
    {
        var bytes = new List<byte>();
        var reader = new ElementReader(cursor, type);
        int size = type.Size();
        if (size == 0 || IsEnd())
            return [];
        Span<byte> element = stackalloc byte[size];
        do
        {
            reader.Read(element);
            bytes.AddRange(element);
        }
        while (cursor.TryTake(','));
        return [.. bytes];
    }

    private ImmutableArray<ReadOnlyMemory<byte>> Strings()
    {
        if (IsEnd())
            return [];
        var strings = ImmutableArray.CreateBuilder<ReadOnlyMemory<byte>>();
        do
        {
            if (!cursor.Sees('"'))
                throw cursor.Expected("a quoted string");
            strings.Add(cursor.QuotedBytes());
        }
        while (cursor.TryTake(','));
        return strings.ToImmutable();
    }

    private bool IsEnd() => cursor.Sees('}') || cursor.Sees(';');

    private Tensor Tail(Tensor tensor, bool hasShape)
    {
        int version = 0;
        UnknownFields unknown = default;
        while (cursor.TryTake(';'))
        {
            if (cursor.TryTake("version"))
            {
                cursor.Take('=');
                int mark = cursor.Mark();
                long number = cursor.Integer("a version number");
                version = number is >= int.MinValue and <= int.MaxValue ? (int)number : throw cursor.Expected("a 32-bit number", mark);
            }
            else
            {
                unknown = cursor.Sees('!') ? cursor.UnknownFields() : throw cursor.Expected("'version=' or '!' and unknown fields");
            }
        }
        cursor.Take('}');
        return tensor.With(hasShape, version, unknown);
    }
}
