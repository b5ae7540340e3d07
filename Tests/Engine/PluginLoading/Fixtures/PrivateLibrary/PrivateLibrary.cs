namespace PrivateLibrary;

public static class Library
{
    public static string Version => typeof(Library).Assembly.GetName().Version!.ToString();
}
