using Microsoft.Playwright;

namespace MnistGpu.Pages.Tests;

/// <summary>A Chromium of the system for all tests; none where there is none on the PATH.</summary>
public sealed class Browser : IAsyncLifetime
{
    private IPlaywright? _playwright;
    private IBrowser? _chromium;

    public async Task InitializeAsync()
    {
        if (Chromium.Find() is not string path)
            return;
        _playwright = await Playwright.CreateAsync();
        // Root has no sandbox.
        _chromium = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = path, Args = ["--no-sandbox"] });
    }

    public async Task DisposeAsync()
    {
        if (_chromium is not null)
            await _chromium.DisposeAsync();
        _playwright?.Dispose();
    }

    /// <summary>Opens a file as a page, offline.</summary>
    /// <param name="file">The page.</param>
    /// <param name="width">Of the window, in CSS pixels.</param>
    /// <param name="dark">Whether the reader likes pages dark.</param>
    public async Task<OpenPage> OpenAsync(string file, int width = 1280, bool dark = false)
    {
        Skip.If(_chromium is null, "No Chromium on the PATH to show the page.");
        IPage page = await _chromium.NewPageAsync(new()
        {
            ViewportSize = new() { Width = width, Height = 900 },
            ColorScheme = dark ? ColorScheme.Dark : ColorScheme.Light,
            Offline = true,
        });
        var opened = new OpenPage(page);
        await page.GotoAsync(new Uri(file).AbsoluteUri);
        return opened;
    }
}

/// <summary>A page in the browser. At its end, nothing may have gone wrong in it.</summary>
public sealed class OpenPage : IAsyncDisposable
{
    private readonly List<string> _complaints = [];

    public OpenPage(IPage page)
    {
        Page = page;
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
                _complaints.Add(message.Text);
        };
        page.PageError += (_, error) => _complaints.Add(error);
        page.Request += (_, request) =>
        {
            if (!request.Url.StartsWith("file:", StringComparison.Ordinal))
                _complaints.Add($"asks for {request.Url}");
        };
    }

    public IPage Page { get; }

    public async ValueTask DisposeAsync()
    {
        await Page.CloseAsync();
        Assert.Empty(_complaints);
    }
}
