using System.Collections.Immutable;
using System.Globalization;

namespace TransformFramework.Graphs.Text;

/// <summary>Writes names, attribute values and maps of them.</summary>
internal sealed class ValuePrinter(TextWriter output, GraphTextOptions options)
{
    public void Name(string name)
    {
        if (TextWords.IsPlainName(name))
            output.Write(name);
        else
            QuotedText.Write(output, name);
    }

    public void Input(string input)
    {
        if (TextWords.IsPlainInput(input))
            output.Write(input);
        else
            QuotedText.Write(output, input);
    }

    public void Map(AttributeMap map)
    {
        output.Write('{');
        Entries(map);
        output.Write('}');
    }

    public void Entries(AttributeMap map)
    {
        string separator = "";
        foreach (var (name, value) in map)
        {
            output.Write(separator);
            Name(name);
            output.Write('=');
            Write(value);
            separator = ", ";
        }
    }

    public void Unknown(UnknownFields fields)
    {
        if (fields.IsEmpty)
            return;
        output.Write(" !");
        output.Write(Convert.ToHexStringLower(fields.Bytes.Span));
    }

    public void Write(AttributeValue value)
    {
        switch (value)
        {
            case UnsetValue:
                output.Write("unset");
                break;
            case BytesValue bytes:
                QuotedText.Write(output, bytes.Bytes.Span, options.MaxStringBytes);
                break;
            case IntValue number:
                output.Write(number.Value.ToString(CultureInfo.InvariantCulture));
                break;
            case FloatValue number:
                output.Write(ElementText.Attribute(number.Value));
                break;
            case BoolValue flag:
                output.Write(flag.Value ? "true" : "false");
                break;
            case TypeValue type:
                output.Write(TypeText.Print(type.Value));
                break;
            case ShapeValue shape:
                output.Write('(');
                Dimensions(shape.Value);
                output.Write(')');
                break;
            case TensorValue tensor:
                new TensorPrinter(output, this, options).Write(tensor.Value);
                break;
            case PlaceholderValue placeholder:
                output.Write('$');
                Name(placeholder.Name);
                break;
            case FunctionValue function:
                Write(function);
                break;
            case ListValue list:
                Write(list);
                break;
        }
        Unknown(value.UnknownFields);
    }

    /// <summary>Dimensions and unknown fields of a shape, without brackets.</summary>
    public void Dimensions(TensorShape shape)
    {
        for (int i = 0; i < shape.Dimensions.Length; i++)
        {
            if (i > 0)
                output.Write(',');
            if (!shape.DimensionNames.IsDefault && shape.DimensionNames[i].Length > 0)
            {
                Name(shape.DimensionNames[i]);
                output.Write(':');
            }
            output.Write(shape.Dimensions[i] == -1 ? "?" : shape.Dimensions[i].ToString(CultureInfo.InvariantCulture));
        }
        if (shape.IsUnknownRank)
            output.Write(shape.Dimensions.IsEmpty ? "..." : ",...");
        Inner(shape.UnknownFields);
    }

    /// <summary>Unknown fields of the message that the brackets stand for.</summary>
    public void Inner(UnknownFields fields)
    {
        if (fields.IsEmpty)
            return;
        output.Write(';');
        Unknown(fields);
    }

    /// <summary>Says how many elements are left out.</summary>
    public void Elided(int count, bool isFirst) =>
        output.Write(string.Create(CultureInfo.InvariantCulture, $"{(isFirst ? "" : ", ")}<{count} more>"));

    private void Write(FunctionValue function)
    {
        output.Write('@');
        Name(function.Name);
        if (function.Attributes.Count == 0 && function.FunctionUnknownFields.IsEmpty)
            return;
        output.Write('{');
        Entries(function.Attributes);
        Inner(function.FunctionUnknownFields);
        output.Write('}');
    }

    private void Write(ListValue list)
    {
        ImmutableArray<AttributeValue> items = list.Items;
        int shown = Math.Min(items.Length, options.MaxElements ?? int.MaxValue);
        output.Write('[');
        for (int i = 0; i < shown; i++)
        {
            if (i > 0)
                output.Write(items[i] is IntValue ? "," : ", ");
            Write(items[i]);
        }
        if (shown < items.Length)
            Elided(items.Length - shown, shown == 0);
        Inner(list.ListUnknownFields);
        output.Write(']');
    }
}
