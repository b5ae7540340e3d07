namespace TransformFramework.Dsl.Syntax;

/// <summary>What the grammar can be waiting for, in the words of the error messages.</summary>
internal static class Expected
{
    public const string TransformName = "a transform name";
    public const string ArgumentName = "an argument name";
    public const string EqualsSign = "'='";
    public const string Value = "a value";
    public const string ClosingQuote = "a closing quote";
    public const string NextArgument = "an argument or ')'";
    public const string ClosingParenthesis = "')'";
}
