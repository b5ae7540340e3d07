namespace TransformFramework.Dsl.Syntax;

/// <summary>Ids of the script's diagnostics.</summary>
public static class SyntaxErrorIds
{
    public const string TransformNameExpected = "TFX0001";
    public const string ArgumentNameExpected = "TFX0002";
    public const string EqualsSignExpected = "TFX0003";
    public const string ValueExpected = "TFX0004";
    public const string UnclosedQuote = "TFX0005";
    public const string UnclosedArgumentList = "TFX0006";
    public const string ScriptTooLarge = "TFX0007";
    public const string TypographicQuote = "TFX0008";
    public const string StrayQuote = "TFX0009";
}
