using System.Collections.Immutable;
using System.Globalization;

namespace TransformFramework.Graphs.Text;

/// <summary>Reads shapes: <c>1,?,batch:3</c>, <c>...</c> for an unknown rank, from behind the opening bracket up to the closing one.</summary>
internal sealed class ShapeParser(TextCursor cursor)
{
    public TensorShape Read(char close)
    {
        var dimensions = ImmutableArray.CreateBuilder<long>();
        var names = ImmutableArray.CreateBuilder<string>();
        bool isUnknownRank = false;
        while (!cursor.Sees(close) && !cursor.Sees(';'))
        {
            if (dimensions.Count > 0)
                cursor.Take(',');
            if (cursor.TryTake("..."))
            {
                isUnknownRank = true;
                break;
            }
            dimensions.Add(Dimension(out string name));
            names.Add(name);
        }
        UnknownFields unknown = cursor.TryTake(';') ? cursor.UnknownFields() : default;
        cursor.Take(close);
        bool hasNames = names.Any(name => name.Length > 0);
        if (isUnknownRank && dimensions.Count == 0 && unknown.IsEmpty)
            return TensorShape.Unknown;
        return TensorShape.Create(dimensions.ToImmutable(), isUnknownRank, hasNames ? names.ToImmutable() : default, unknown);
    }

    private long Dimension(out string name)
    {
        const string Expected = "a dimension, '?', a dimension's name or '...'";
        name = "";
        if (cursor.TryTake('?'))
            return -1;
        int mark = cursor.Mark();
        string word = cursor.Name(Expected);
        if (!cursor.TryTake(':'))
            return long.TryParse(word, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long size) ? size : throw cursor.Expected(Expected, mark);
        name = word;
        return cursor.TryTake('?') ? -1 : cursor.Integer("a dimension or '?'");
    }
}
