using System.Globalization;

namespace TransformFramework.Graphs.Text;

/// <summary>Element types: <c>float</c>, <c>float_ref</c>, <c>invalid</c>, <c>type(99)</c>.</summary>
internal static class TypeText
{
    public static string Print(DataType type)
    {
        string name = type.Name();
        return type == DataType.Invalid || DataTypes.TryParse(name, out _) ? name : string.Create(CultureInfo.InvariantCulture, $"type({(int)type})");
    }

    /// <summary>Moves over a type, if one comes next.</summary>
    public static bool TryRead(TextCursor cursor, out DataType type)
    {
        ReadOnlySpan<char> word = cursor.Peek();
        type = DataType.Invalid;
        if (word is "type")
        {
            cursor.Word("a type");
            cursor.Take('(');
            int mark = cursor.Mark();
            long number = cursor.Integer("the number of a type");
            if (number is < int.MinValue or > int.MaxValue)
                throw cursor.Expected("a 32-bit number", mark);
            cursor.Take(')');
            type = (DataType)number;
            return true;
        }
        if (word is not "invalid" && (word.Length > 16 || !DataTypes.TryParse(word.ToString(), out type)))
            return false;
        cursor.Word("a type");
        return true;
    }
}
