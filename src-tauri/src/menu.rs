//! The system's menu bar, where there is one for each program (macOS). The page sends what stands in it, from the one
//! table of commands (`ui/src/lib/commands.ts`), and is told what was chosen. Other systems show the same in the page.

use crate::ipc::events::{AppEvent, MenuChosen, emit};
use crate::platform;
use serde::Deserialize;
use specta::Type;
use tauri::menu::{AboutMetadata, Menu, MenuBuilder, MenuItem, MenuItemBuilder, Submenu, SubmenuBuilder};
use tauri::{AppHandle, Runtime};

/// One menu of the bar.
#[derive(Clone, Debug, Deserialize, Type)]
pub(crate) struct MenuSection {
    pub title: String,
    /// Its commands, in groups that a line separates.
    pub groups: Vec<Vec<MenuCommand>>,
}

#[derive(Clone, Debug, Deserialize, Type)]
pub(crate) struct MenuCommand {
    /// As the table of commands names it.
    pub id: String,
    pub title: String,
    /// Its keys, as `CmdOrCtrl+Shift+M`. The page hears them first, and who answers a key there keeps it from the menu.
    pub accelerator: Option<String>,
    pub enabled: bool,
}

/// What the menu of the program itself offers, which on this system stands first in the bar.
const OF_THE_PROGRAM: &str = "Touchstone";

/// Makes these the menus of the bar, among those that the system wants to have.
pub(crate) fn set<R: Runtime>(app: &AppHandle<R>, sections: &[MenuSection]) -> tauri::Result<()> {
    if platform::HAS_MENU_BAR {
        app.set_menu(bar(app, sections)?)?;
    }
    Ok(())
}

/// Tells the page which of its commands was chosen.
pub(crate) fn chosen<R: Runtime>(app: &AppHandle<R>, id: &str) {
    emit(app, AppEvent::MenuChosen(MenuChosen { command: id.to_owned() }));
}

fn bar<R: Runtime>(app: &AppHandle<R>, sections: &[MenuSection]) -> tauri::Result<Menu<R>> {
    let menus: Vec<Submenu<R>> = sections.iter().map(|section| menu(app, section)).collect::<tauri::Result<_>>()?;
    let window =
        SubmenuBuilder::new(app, "Window").minimize().maximize().separator().fullscreen().close_window().build()?;
    let mut bar = MenuBuilder::new(app);
    for (place, menu) in menus.iter().enumerate() {
        // Before the last one, which is Help.
        if place + 1 == menus.len() {
            bar = bar.item(&window);
        }
        bar = bar.item(menu);
    }
    bar.build()
}

fn menu<R: Runtime>(app: &AppHandle<R>, section: &MenuSection) -> tauri::Result<Submenu<R>> {
    let mut menu = SubmenuBuilder::new(app, &section.title);
    if section.title == OF_THE_PROGRAM {
        menu = menu.about(Some(AboutMetadata::default())).separator();
    }
    if section.title == "Edit" {
        // The web view has no other way to them.
        menu = menu.undo().redo().separator().cut().copy().paste().select_all().separator();
    }
    for (place, group) in section.groups.iter().enumerate() {
        if place > 0 {
            menu = menu.separator();
        }
        if section.title == OF_THE_PROGRAM && place + 1 == section.groups.len() {
            menu = menu.services().separator().hide().hide_others().show_all().separator();
        }
        for command in group {
            menu = menu.item(&item(app, command)?);
        }
    }
    menu.build()
}

fn item<R: Runtime>(app: &AppHandle<R>, command: &MenuCommand) -> tauri::Result<MenuItem<R>> {
    let item = MenuItemBuilder::with_id(&command.id, &command.title).enabled(command.enabled);
    match &command.accelerator {
        Some(accelerator) => item.accelerator(accelerator).build(app),
        None => item.build(app),
    }
}
