using System.Globalization;

namespace TransformFramework.Graphs.Text;

/// <summary>
/// Writes tensors. <c>float[2]{1, 2}</c> is <c>tensor_content</c>, <c>float[2] values{1}</c> the typed field, of which the last element repeats; strings
/// are always the latter. <c>raw</c> comes before bytes that are not a whole number of elements or not the shape's number of them.
/// </summary>
internal sealed class TensorPrinter(TextWriter output, ValuePrinter values, GraphTextOptions options)
{
    public void Write(Tensor tensor)
    {
        output.Write(TypeText.Print(tensor.Type));
        if (tensor.HasShape)
        {
            output.Write('[');
            values.Dimensions(tensor.Shape);
            output.Write(']');
        }
        bool isString = tensor.Type == DataType.String;
        bool isRaw = !TensorText.HasElements(tensor);
        if (isRaw)
            output.Write(" raw");
        bool isEmpty = tensor.StoredBytes.IsEmpty && tensor.Type.Size() > 0 && tensor.Shape.TryCount(out long count) && count == 0;
        if (tensor.Encoding == TensorEncoding.Values && !isEmpty && (isRaw || !isString))
            output.Write(" values");
        output.Write('{');
        if (isRaw)
            Raw(tensor.StoredBytes.Span);
        else if (isString)
            Strings(tensor);
        else
            Elements(tensor);
        if (tensor.VersionNumber != 0)
            output.Write(string.Create(CultureInfo.InvariantCulture, $"; version={tensor.VersionNumber}"));
        values.Inner(tensor.UnknownFields);
        output.Write('}');
    }

    private void Raw(ReadOnlySpan<byte> bytes)
    {
        int shown = Shown(bytes.Length);
        output.Write(Convert.ToHexStringLower(bytes[..shown]));
        if (shown < bytes.Length)
            values.Elided(bytes.Length - shown, isFirst: true);
    }

    private void Strings(Tensor tensor)
    {
        int count = tensor.StoredStrings.Length;
        int shown = Shown(count);
        for (int i = 0; i < shown; i++)
        {
            if (i > 0)
                output.Write(", ");
            QuotedText.Write(output, tensor.StoredStrings[i].Span, options.MaxStringBytes);
        }
        if (shown < count)
            values.Elided(count - shown, shown == 0);
    }

    private void Elements(Tensor tensor)
    {
        DataType type = tensor.Type.Base();
        int size = type.Size();
        ReadOnlySpan<byte> bytes = tensor.StoredBytes.Span;
        int count = size == 0 ? 0 : bytes.Length / size;
        int shown = Shown(count);
        for (int i = 0; i < shown; i++)
        {
            if (i > 0)
                output.Write(", ");
            ElementText.Write(output, type, bytes.Slice(i * size, size));
        }
        if (shown < count)
            values.Elided(count - shown, shown == 0);
    }

    private int Shown(int count) => Math.Min(count, options.MaxElements ?? int.MaxValue);
}
