namespace TransformFramework.Dsl.Binding;

/// <summary>Ids of the diagnostics about arguments.</summary>
public static class BindingErrorIds
{
    public const string UnknownArgument = "TFX1001";
    public const string MissingArgument = "TFX1002";
    public const string RepeatedArgument = "TFX1003";
    public const string BadValue = "TFX1004";
    public const string UnknownArgumentIgnored = "TFX1005";
    public const string BadIgnoreErrors = "TFX1006";
}
